//! Timers, and texts of exceptions.

use futures::channel::oneshot;
use gloo::timers::callback::Timeout;
use wasm_bindgen::{JsCast, JsValue};

/// Waits.
pub async fn sleep(milliseconds: u32) {
    let (sender, receiver) = oneshot::channel();
    // Dropped with this future, the timer is cancelled.
    let _timeout = Timeout::new(milliseconds, move || {
        let _ = sender.send(());
    });
    let _ = receiver.await;
}

/// Returns the browser's text for an exception, without a full stop: it goes into a sentence.
pub fn text_of(exception: &JsValue) -> String {
    let text = match exception.dyn_ref::<js_sys::Error>() {
        Some(error) => [error.message(), error.name()]
            .map(String::from)
            .into_iter()
            .find(|text| !text.is_empty()),
        None => exception.as_string(),
    };
    let text = text.unwrap_or_else(|| "the browser does not say why".to_string());
    text.trim_end_matches('.').to_string()
}
