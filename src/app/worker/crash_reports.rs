//! Reports of panics and unhandled promise rejections.
//!
//! They belong to no request.

use wasm_bindgen::JsCast;
use web_sys::{DedicatedWorkerGlobalScope, PromiseRejectionEvent};

use super::port::Port;
use crate::app::dom::{on, thrown};
use crate::app::protocol::WorkerMessage;
use crate::error::{Error, Message};

/// Installs the panic hook and the `unhandledrejection` listener. The page itself receives uncaught
/// exceptions (`client`).
pub fn listen(scope: &DedicatedWorkerGlobalScope, port: &Port) {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        let text = info.payload_as_str().unwrap_or("a panic");
        let reason = match info.location() {
            Some(place) => format!("{text}, {}:{}", place.file(), place.line()),
            None => text.to_string(),
        };
        let error = (&Error::Internal { reason: Message::verbatim(reason) }).into();
        // A hook must be `Send`, so it cannot capture a port.
        if let Ok(scope) = js_sys::global().dyn_into() {
            Port::new(scope).post(&WorkerMessage::Crashed { error });
        }
    }));

    let port = port.clone();
    on(scope, "unhandledrejection", move |event| {
        let Some(event) = event.dyn_ref::<PromiseRejectionEvent>() else { return };
        let error = thrown("a promise of the engine was broken", &event.reason());
        port.post(&WorkerMessage::Trouble { error: (&error).into() });
    });
}
