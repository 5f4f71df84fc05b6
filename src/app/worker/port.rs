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
    /// Creates the port of the worker with this global scope.
    pub fn new(scope: DedicatedWorkerGlobalScope) -> Self {
        Port { scope }
    }

    /// Posts a message.
    pub fn post(&self, message: &WorkerMessage) {
        // A message is plain data, which can always be cloned. If that failed, the page would
        // receive the exception as a failure of the worker.
        match to_js(message).map(|message| self.scope.post_message(&message)) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => wasm_bindgen::throw_val(error),
            Err(error) => wasm_bindgen::throw_str(&error.to_string()),
        }
    }
}
