//! Timers, and texts of exceptions.

use futures::channel::oneshot;
use gloo::timers::callback::Timeout;
use wasm_bindgen::{JsCast, JsValue};

use crate::error::{Message, messages};

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
pub fn text_of(exception: &JsValue) -> Message {
    let text = match exception.dyn_ref::<js_sys::Error>() {
        Some(error) => [error.message(), error.name()]
            .map(String::from)
            .into_iter()
            .find(|text| !text.is_empty()),
        None => exception.as_string(),
    };
    text.map_or_else(messages::no_reason_given, |text| {
        Message::verbatim(text.trim_end_matches('.'))
    })
}
