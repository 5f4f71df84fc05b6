//! Static constructors of the worker program.

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// Runs the module's static constructors, which register compiler passes and types (`inventory`).
/// Must be called once, before anything else of the program.
///
/// If they are not exported, the linker inserts a call of them into every export: 6 ms for each
/// launch of a kernel. `.cargo/config.toml` exports them, and `tests/browser/constructors.test.mjs`
/// tests that.
pub fn run() {
    let constructors = Reflect::get(&wasm_bindgen::exports(), &"__wasm_call_ctors".into());
    if let Some(constructors) = constructors.ok().and_then(|f| f.dyn_into::<Function>().ok()) {
        // A failing constructor traps, so there is no error to handle.
        let _ = constructors.call0(&JsValue::UNDEFINED);
    }
}
