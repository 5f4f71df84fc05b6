//! The worker's end of the message channel.

use web_sys::DedicatedWorkerGlobalScope;

use crate::app::message::to_js;
use crate::app::protocol::WorkerMessage;

/// Posts messages to the page.
#[derive(Clone)]
pub struct Port {
    scope: DedicatedWorkerGlobalScope,
}

impl Port {
    /// Returns the port of the worker whose scope this is.
    pub fn new(scope: DedicatedWorkerGlobalScope) -> Self {
        Port { scope }
    }

    /// Posts a message.
    pub fn post(&self, message: &WorkerMessage) {
        // A message is plain data: it can always be cloned. If that ever failed, the page would get it as a
        // failure of the worker.
        match to_js(message).map(|message| self.scope.post_message(&message)) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => wasm_bindgen::throw_val(error),
            Err(error) => wasm_bindgen::throw_str(&error.to_string()),
        }
    }
}
