//! Benchmarks in a browser, for `bench.html`.

use js_sys::{Array, Function};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::event_loop::seconds;
use super::gpu::Adapter;
use super::pipelines::Pipelines;
use crate::bench::{
    BenchHost, BenchReport, ComparisonCase, ReferenceCase, StorageFormat, Workload, dtype_name,
    measure, to_json,
};
use crate::device::{Compute, DeviceKind};
use crate::error::{Error, Result};
use crate::weights::Precision;
use crate::weights::browser::http;

/// Checks that the browser's GPU is sufficient.
///
/// # Errors
/// A JavaScript `Error` with the reason.
#[wasm_bindgen]
pub async fn probe() -> std::result::Result<(), JsValue> {
    let limits = async { Adapter::request().await?.limits() };
    limits.await.map(drop).map_err(thrown)
}

/// Measures `case` on `device`, `cpu` or `wgpu`, and returns the report as JSON. With `cases`, the
/// address of a folder, the case is one of its `cases.json`; else it has random weights, in f16 on
/// a GPU. `before` is called with the number of each run before it starts, 0 for the first.
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
    report(&cases, &case, &device, runs, before).await.map_err(thrown)
}

/// Compares kernels with Burn's operations on the CPU, and returns the comparisons as JSON: the
/// default ones, or those for which `wants` returns true. It is called before each with its name,
/// dtype and kernel family, and whether it is made by default.
///
/// # Errors
/// A JavaScript `Error` with what happened and what to do.
#[wasm_bindgen]
pub async fn check(wants: Option<Function>) -> std::result::Result<String, JsValue> {
    let compared = async {
        let compute = Compute::open(DeviceKind::Wgpu).await?;
        let chosen = |comparison: ComparisonCase<'_>| match &wants {
            Some(wants) => is_wanted(wants, comparison),
            None => comparison.by_default,
        };
        to_json(&crate::bench::check(&compute, chosen).await?)
    };
    compared.await.map_err(thrown)
}

/// Calls `wants`; if it throws, the comparison is not made.
fn is_wanted(wants: &Function, comparison: ComparisonCase<'_>) -> bool {
    let ComparisonCase { name, dtype, family, by_default } = comparison;
    let arguments = Array::of4(
        &name.into(),
        &dtype_name(dtype).into(),
        &family.to_string().into(),
        &by_default.into(),
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
    let format = match kind {
        DeviceKind::Wgpu => StorageFormat::F16,
        DeviceKind::Cpu => StorageFormat::F32,
    };
    let compute = Compute::open(kind).await?;
    let mut host = PageHost { before, pipelines: Pipelines::new(&compute) };
    let mut workload = if cases.is_empty() {
        Workload::random(case.parse()?, format, &compute)?
    } else {
        let source = http(cases);
        let case = ReferenceCase::find(&source, case).await?;
        Workload::with_reference(&case, &source, Precision::AsStored, &compute).await?
    };
    let case_report = measure(&mut workload, &compute, runs, &mut host).await?;
    let report = BenchReport {
        engine: "hearth",
        device: device.to_string(),
        adapter: compute.name.clone(),
        dtype: dtype_name(format.dtype()),
        cases: vec![case_report],
    };
    to_json(&report)
}

/// Returns a JavaScript `Error` with what happened and what to do.
fn thrown(error: Error) -> JsValue {
    js_sys::Error::new(&error.to_string()).into()
}

/// The page as host of benchmarks.
struct PageHost {
    before: Function,
    pipelines: Option<Pipelines>,
}

impl BenchHost for PageHost {
    fn seconds(&self) -> f64 {
        seconds()
    }

    fn run_started(&mut self, run: usize) {
        // Errors of the callback are ignored.
        let _ = self.before.call1(&JsValue::NULL, &JsValue::from(run));
    }

    async fn build_pipelines(&mut self, shaders: Vec<String>) {
        if let Some(pipelines) = &self.pipelines {
            pipelines.build(shaders).await;
        }
    }
}
