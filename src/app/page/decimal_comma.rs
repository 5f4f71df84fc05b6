//! Decimal commas in number inputs.
//!
//! A browser whose language writes a point drops a typed comma: `0,7` would become `07`.

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, KeyboardEvent};

use crate::app::dom::{closest, document, on};
use crate::error::Result;

/// Adds the listener.
pub fn listen() -> Result<()> {
    let page = document()?;
    on(&page.clone(), "keydown", move |event| {
        let is_comma = event.dyn_ref::<KeyboardEvent>().is_some_and(|key| key.key() == ",");
        let is_number = closest(event, "input[type=number]").is_some();
        if is_comma && is_number && language_has_point() && insert(&page, ".").is_ok() {
            event.prevent_default();
        }
    });
    Ok(())
}

fn language_has_point() -> bool {
    let half = js_sys::Number::from(0.5).to_locale_string("default");
    String::from(half).contains('.')
}

/// Types a text at the caret, which inputs for numbers do not tell.
fn insert(page: &Document, text: &str) -> std::result::Result<(), JsValue> {
    let act: Function = Reflect::get(page, &"execCommand".into())?.dyn_into()?;
    act.call3(page, &"insertText".into(), &JsValue::FALSE, &text.into()).map(drop)
}
