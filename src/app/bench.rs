//! `bench.html`: the engine without its page, measured.

use burn::tensor::DType;
use js_sys::{Array, Function};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::event_loop::seconds;
use super::gpu::Adapter;
use super::pipelines::Pipelines;
use crate::bench::{Comparison, Host, Prepared, Report, Workload, dtype_name, measure};
use crate::device::{Compute, DeviceKind};
use crate::error::{Error, Message, Result};
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

/// Compares kernels with their plain operations on the CPU, and gives the comparisons as JSON: the usual
/// ones, or those for which `wants` returns true. It is called before each with its name, number format
/// and family, and whether it is a usual one.
///
/// # Errors
/// A JavaScript `Error` with what happened and what to do.
#[wasm_bindgen]
pub async fn check(wants: Option<Function>) -> std::result::Result<String, JsValue> {
    let compared = async {
        let compute = Compute::open(DeviceKind::Wgpu).await?;
        let chosen = |comparison: Comparison<'_>| match &wants {
            Some(wants) => is_wanted(wants, comparison),
            None => comparison.is_usual,
        };
        to_json(&crate::bench::check(&compute, chosen).await?)
    };
    compared.await.map_err(|error| js_sys::Error::new(&error.to_string()).into())
}

/// A function that fails wants nothing.
fn is_wanted(wants: &Function, comparison: Comparison<'_>) -> bool {
    let Comparison { name, dtype, family, is_usual } = comparison;
    let arguments = Array::of4(
        &name.into(),
        &dtype_name(dtype).into(),
        &family.to_string().into(),
        &is_usual.into(),
    );
    wants.apply(&JsValue::NULL, &arguments).is_ok_and(|wanted| wanted.is_truthy())
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
        dtype: dtype_name(dtype),
        cases: vec![figures],
    };
    to_json(&report)
}

fn to_json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Error::Internal { reason: Message::verbatim(e) })
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
