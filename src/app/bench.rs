//! `bench.html`: the engine without its page, measured.

use burn::tensor::DType;
use js_sys::Function;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::event_loop::seconds;
use super::gpu::Adapter;
use super::pipelines::Pipelines;
use crate::bench::{Host, Prepared, Report, Workload, measure};
use crate::device::{Compute, DeviceKind};
use crate::error::{Error, Result};
use crate::weights::Precision;
use crate::weights::http::Http;

/// Whether the browser's GPU will do: to be asked before anything is measured or compared there.
///
/// # Errors
/// A JavaScript `Error` with what is missing.
#[wasm_bindgen]
pub async fn probe() -> std::result::Result<(), JsValue> {
    let limits = async { Adapter::request().await?.limits() };
    limits.await.map(drop).map_err(|error| js_sys::Error::new(&error.to_string()).into())
}

/// Measures `case` on `device`, `cpu` or `wgpu`, and gives the report as JSON. With `cases`, the address
/// of a folder, the case is one of the `cases.json` in it; else it has random weights, in f16 on a GPU.
/// `before` is called with the number of each run before it begins, 0 for the first.
///
/// # Errors
/// A JavaScript `Error` with what happened and what to do.
#[wasm_bindgen]
pub async fn bench(
    cases: String,
    case: String,
    device: String,
    runs: usize,
    before: Function,
) -> std::result::Result<String, JsValue> {
    report(&cases, &case, &device, runs, before)
        .await
        .map_err(|error| js_sys::Error::new(&error.to_string()).into())
}

/// Compares every kernel with its plain operation on the CPU, and gives the comparisons as JSON.
///
/// # Errors
/// A JavaScript `Error` with what happened and what to do.
#[wasm_bindgen]
pub async fn check() -> std::result::Result<String, JsValue> {
    let compared = async {
        let compute = Compute::open(DeviceKind::Wgpu).await?;
        to_json(&crate::bench::check(&compute).await?)
    };
    compared.await.map_err(|error| js_sys::Error::new(&error.to_string()).into())
}

async fn report(
    cases: &str,
    case: &str,
    device: &str,
    runs: usize,
    before: Function,
) -> Result<String> {
    let kind: DeviceKind = device.parse()?;
    let dtype = if kind == DeviceKind::Wgpu { DType::F16 } else { DType::F32 };
    let compute = Compute::open(kind).await?;
    let mut host = Page { before, pipelines: Pipelines::of(&compute) };
    let mut workload = if cases.is_empty() {
        Workload::random(case.parse()?, dtype, &compute)?
    } else {
        let source = Http::new(cases);
        let case = Prepared::find(&source, case).await?;
        Workload::prepared(&case, &source, Precision::AsStored, &compute).await?
    };
    let figures = measure(&mut workload, &compute, runs, &mut host).await?;
    let report = Report {
        engine: "hearth",
        device: device.to_string(),
        adapter: compute.name.clone(),
        dtype: format!("{dtype:?}").to_lowercase(),
        cases: vec![figures],
    };
    to_json(&report)
}

fn to_json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Error::Internal { reason: e.to_string() })
}

/// The page that measures.
struct Page {
    before: Function,
    pipelines: Option<Pipelines>,
}

impl Host for Page {
    fn seconds(&self) -> f64 {
        seconds()
    }

    fn begins(&mut self, run: usize) {
        // What it does is its own affair.
        let _ = self.before.call1(&JsValue::NULL, &JsValue::from(run));
    }

    async fn build(&mut self, shaders: Vec<String>) {
        if let Some(pipelines) = &self.pipelines {
            pipelines.build(shaders).await;
        }
    }
}
