//! What the typed bindings lack, looked up by its name.

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// A property, unless it is missing or undefined.
pub fn property(object: &JsValue, name: &str) -> Option<JsValue> {
    let value = Reflect::get(object, &JsValue::from_str(name)).ok()?;
    (!value.is_undefined() && !value.is_null()).then_some(value)
}

/// A method.
pub fn method(object: &JsValue, name: &str) -> Option<Function> {
    property(object, name)?.dyn_into().ok()
}
