//! What waiting for a browser's promises needs: a clock, patience, and words for what is thrown.

use std::pin::pin;

use futures::channel::oneshot;
use futures::future::{Either, select};
use gloo::timers::callback::Timeout;
use wasm_bindgen::{JsCast, JsValue};

use crate::error::{Message, messages};

/// Waits.
pub async fn sleep(milliseconds: u32) {
    let (sender, receiver) = oneshot::channel();
    // Dropped with this future, it does not ring any more.
    let _timeout = Timeout::new(milliseconds, move || {
        let _ = sender.send(());
    });
    let _ = receiver.await;
}

/// What `future` gives, or `None` if that takes longer.
pub async fn within<T>(milliseconds: u32, future: impl Future<Output = T>) -> Option<T> {
    match select(pin!(future), pin!(sleep(milliseconds))).await {
        Either::Left((value, _)) => Some(value),
        Either::Right(_) => None,
    }
}

/// The browser's words for a thrown value, without a full stop: they go into a sentence.
pub fn words(thrown: &JsValue) -> Message {
    let said = match thrown.dyn_ref::<js_sys::Error>() {
        Some(error) => [error.message(), error.name()]
            .map(String::from)
            .into_iter()
            .find(|said| !said.is_empty()),
        None => thrown.as_string(),
    };
    said.map_or_else(messages::no_reason_given, |said| {
        Message::verbatim(said.trim_end_matches('.'))
    })
}
