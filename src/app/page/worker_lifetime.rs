//! Detection of the worker's exit.
//!
//! The worker holds a Web Lock for its lifetime; when the page acquires the lock, the worker has
//! exited.

use js_sys::{Function, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

/// Calls `exited` when the lock `name` is free. Without a name, or in a browser without locks,
/// never.
pub fn on_exit(name: &str, exited: impl FnOnce() + 'static) {
    let Some((locks, request)) = locks().filter(|_| !name.is_empty()) else { return };
    let callback = Closure::once_into_js(exited);
    // The returned promise is deliberately ignored.
    let _ = request.call2(&locks, &name.into(), &callback);
}

/// Returns `navigator.locks` and its method `request`.
fn locks() -> Option<(JsValue, Function)> {
    let property = |object: &JsValue, name: &str| {
        Reflect::get(object, &name.into()).ok().filter(JsValue::is_object)
    };
    let locks = property(&property(&js_sys::global(), "navigator")?, "locks")?;
    let request = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    Some((locks, request))
}
