//! Static constructors of the engine's program.

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// Runs the module's static constructors, which register compiler passes and types (`inventory`). Must be called once,
/// before anything else of the program.
///
/// The linker calls them by itself only in a module that does not export them, and then at every call of every export:
/// 6 ms for each launch of a kernel. `.cargo/config.toml` has them exported, `tests/browser/constructors.test.mjs` holds
/// it.
pub fn run() {
    let constructors = Reflect::get(&wasm_bindgen::exports(), &"__wasm_call_ctors".into());
    if let Some(constructors) = constructors.ok().and_then(|f| f.dyn_into::<Function>().ok()) {
        // A constructor that failed would have stopped the program.
        let _ = constructors.call0(&JsValue::UNDEFINED);
    }
}
