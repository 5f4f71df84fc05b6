//! JavaScript properties and methods that the typed bindings lack.

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// Returns a property, unless it is missing, undefined or null.
pub fn property(object: &JsValue, name: &str) -> Option<JsValue> {
    let value = Reflect::get(object, &JsValue::from_str(name)).ok()?;
    (!value.is_undefined() && !value.is_null()).then_some(value)
}

/// Returns a method.
pub fn method(object: &JsValue, name: &str) -> Option<Function> {
    property(object, name)?.dyn_into().ok()
}
