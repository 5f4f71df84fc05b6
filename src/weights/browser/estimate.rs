//! Free storage of the page's origin.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{StorageEstimate, Window, WorkerGlobalScope};

/// Storage of the page's origin in bytes. Browsers round it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// In use.
    pub usage: f64,
    /// In use and free.
    pub quota: f64,
}

/// Returns the browser's estimate; `None` on pages from plain HTTP.
pub async fn estimate() -> Option<Estimate> {
    let global = js_sys::global();
    let storage = match global.dyn_ref::<WorkerGlobalScope>() {
        Some(worker) => worker.navigator().storage(),
        None => global.unchecked_ref::<Window>().navigator().storage(),
    };
    let estimate = JsFuture::from(storage.estimate().ok()?).await.ok()?;
    let estimate: StorageEstimate = estimate.unchecked_into();
    Some(Estimate { usage: estimate.get_usage()?, quota: estimate.get_quota()? })
}
