//! What breaks without a run or an opening to answer for it: the page hears of that too.

use wasm_bindgen::JsCast;
use web_sys::{DedicatedWorkerGlobalScope, PromiseRejectionEvent};

use super::port::Port;
use crate::app::dom::{on, thrown};
use crate::app::protocol::WorkerMessage;
use crate::error::{Error, Message};

/// Listens as long as the worker lives, to panics and to promises that nobody waited for. Of uncaught
/// exceptions the browser itself tells the page (`client`).
pub fn listen(scope: &DedicatedWorkerGlobalScope, port: &Port) {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        let said = info.payload_as_str().unwrap_or("a panic");
        let reason = match info.location() {
            Some(place) => format!("{said}, {}:{}", place.file(), place.line()),
            None => said.to_string(),
        };
        let fault = (&Error::Internal { reason: Message::verbatim(reason) }).into();
        // A hook may be called on any thread, so it can hold no port.
        if let Ok(scope) = js_sys::global().dyn_into() {
            Port::new(scope).post(&WorkerMessage::Crashed { fault });
        }
    }));

    let port = port.clone();
    on(scope, "unhandledrejection", move |event| {
        let Some(event) = event.dyn_ref::<PromiseRejectionEvent>() else { return };
        let error = thrown("a promise of the engine was broken", &event.reason());
        port.post(&WorkerMessage::Trouble { fault: (&error).into() });
    });
}
