//! Detection of the worker's end.
//!
//! The worker holds a Web Lock as long as it lives; the page gets it when the worker is gone, however it ended.

use js_sys::{Function, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

/// Calls `over` once nobody holds the lock `name` any more. Without a name, or in a browser without
/// locks, never.
pub fn when_over(name: &str, over: impl FnOnce() + 'static) {
    let Some((locks, request)) = locks().filter(|_| !name.is_empty()) else { return };
    let callback = Closure::once_into_js(over);
    // The promise that it gives ends with the callback, which nobody waits for.
    let _ = request.call2(&locks, &name.into(), &callback);
}

/// `navigator.locks` and its method `request`.
fn locks() -> Option<(JsValue, Function)> {
    let property = |object: &JsValue, name: &str| {
        Reflect::get(object, &name.into()).ok().filter(JsValue::is_object)
    };
    let locks = property(&property(&js_sys::global(), "navigator")?, "locks")?;
    let request = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    Some((locks, request))
}
