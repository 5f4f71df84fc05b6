//! The browser's event loop and clock.

use js_sys::Promise;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::MessageChannel;

/// Resumes in a new task, after the tasks that are queued in the event loop: messages from the
/// page, mapped buffers, errors of the GPU.
///
/// A resolved promise would resume before these tasks, and a timer not until 4 ms later; a message
/// to an own `MessagePort` avoids both.
pub async fn next_task() {
    if let Ok(channel) = MessageChannel::new() {
        let sent = Promise::new(&mut |resolve, _| {
            let arrived = Closure::once_into_js(move || resolve.call0(&JsValue::UNDEFINED));
            channel.port2().set_onmessage(Some(arrived.unchecked_ref()));
            // `null` can always be cloned.
            let _ = channel.port1().post_message(&JsValue::NULL);
        });
        let _ = JsFuture::from(sent).await;
        channel.port2().set_onmessage(None);
        channel.port1().close();
    }
}

/// Returns the seconds since the page or worker was started (`performance.now()`).
pub fn seconds() -> f64 {
    let performance = js_sys::Reflect::get(&js_sys::global(), &JsValue::from_str("performance"));
    let performance = performance.ok().and_then(|p| p.dyn_into::<web_sys::Performance>().ok());
    performance.map_or(0.0, |performance| performance.now() / 1000.0)
}

/// Seconds of work before the event loop runs.
const SLICE: f64 = 0.008;

/// Regular yields to the event loop during long work.
pub struct Pauses {
    since: f64,
}

impl Pauses {
    /// Starts measuring now.
    pub fn new() -> Self {
        Pauses { since: seconds() }
    }

    /// Yields to the event loop if 8 ms have passed. Returns whether it did.
    pub async fn pause(&mut self) -> bool {
        if seconds() - self.since < SLICE {
            return false;
        }
        next_task().await;
        self.since = seconds();
        true
    }
}

impl Default for Pauses {
    fn default() -> Self {
        Pauses::new()
    }
}
