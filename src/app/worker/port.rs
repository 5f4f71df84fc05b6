//! The line to the page.

use web_sys::DedicatedWorkerGlobalScope;

use crate::app::message::to_js;
use crate::app::protocol::{Report, Stage};
use crate::error::Error;

/// The worker's end of it.
#[derive(Clone)]
pub struct Port {
    scope: DedicatedWorkerGlobalScope,
}

impl Port {
    /// The end of the worker whose scope this is.
    pub fn new(scope: DedicatedWorkerGlobalScope) -> Self {
        Port { scope }
    }

    /// Says something.
    pub fn post(&self, report: &Report) {
        // A report is plain data: it can always be cloned. If that ever failed, the page would hear
        // of it as a failure of the worker.
        match to_js(report).map(|message| self.scope.post_message(&message)) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => wasm_bindgen::throw_val(error),
            Err(error) => wasm_bindgen::throw_str(&error.to_string()),
        }
    }

    /// Says that run `id`, or without one an opening, failed.
    pub fn failed(&self, id: Option<u32>, error: &Error, offer_cpu: bool, model_stays: bool) {
        self.post(&Report::Failed { id, fault: error.into(), offer_cpu, model_stays });
    }

    /// Says what is under way.
    pub fn preparing(&self, stage: Stage) {
        self.post(&Report::Preparing { stage });
    }
}
