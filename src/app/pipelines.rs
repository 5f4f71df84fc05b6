//! Compute pipelines built side by side in a browser.
//!
//! The runtime asks for one pipeline after the other, and a browser then builds each on the one thread that all GPU
//! commands pass through. Those made here are built by `createComputePipelineAsync`, on as many threads as the browser has,
//! and are handed to the runtime when it asks for a pipeline of the same WGSL.

use std::future::Future;

use futures::future::join_all;
use js_sys::{Function, Map, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::device::Compute;

/// Entry point of every kernel.
const ENTRY_POINT: &str = "main";

/// The pipelines that a device has ready.
#[derive(Debug, Clone)]
pub struct Pipelines {
    device: JsValue,
    /// WGSL → `GPUShaderModule`.
    modules: Map,
    /// `GPUShaderModule` → `GPUComputePipeline`.
    pipelines: Map,
}

impl Pipelines {
    /// Those of a GPU, none at first; `None` for a device that is no browser's GPU.
    pub fn of(compute: &Compute) -> Option<Self> {
        let device = handle(compute)?;
        let made = Pipelines { device, modules: Map::new(), pipelines: Map::new() };
        made.answer("createShaderModule", made.modules.clone(), |descriptor| {
            get(&descriptor, "code")
        })?;
        made.answer("createComputePipeline", made.pipelines.clone(), |descriptor| {
            get(&get(&descriptor, "compute"), "module")
        })?;
        Some(made)
    }

    /// Builds the pipelines of these `shaders` that are not there yet. One that cannot be built is left to the runtime,
    /// which then reports why.
    pub async fn build(&self, shaders: Vec<String>) {
        let begun = shaders.iter().filter_map(|code| self.begin(&JsValue::from_str(code)));
        for (module, built) in join_all(begun.collect::<Vec<_>>()).await {
            if let Ok(pipeline) = built {
                self.pipelines.set(&module, &pipeline);
            }
        }
    }

    /// A shader's module, and its pipeline to come; `None` if it has been asked for before.
    fn begin(
        &self,
        code: &JsValue,
    ) -> Option<impl Future<Output = (JsValue, Result<JsValue, JsValue>)> + use<>> {
        if self.modules.has(code) {
            return None;
        }
        let module = self.call("createShaderModule", &object([("code", code)]))?;
        self.modules.set(code, &module);
        let entry_point = ENTRY_POINT.into();
        let stage = object([("module", &module), ("entryPoint", &entry_point)]);
        let descriptor = object([("layout", &"auto".into()), ("compute", &stage)]);
        let promise: Promise =
            self.call("createComputePipelineAsync", &descriptor)?.dyn_into().ok()?;
        Some(async move { (module, JsFuture::from(promise).await) })
    }

    fn call(&self, method: &str, descriptor: &JsValue) -> Option<JsValue> {
        let method: Function = get(&self.device, method).dyn_into().ok()?;
        method.call1(&self.device, descriptor).ok()
    }

    /// Lets the device's `method` answer with what `ready` has under the key of a descriptor, else as ever.
    fn answer(
        &self,
        method: &str,
        ready: Map,
        key: impl Fn(JsValue) -> JsValue + 'static,
    ) -> Option<()> {
        let original: Function = get(&self.device, method).dyn_into().ok()?;
        let device = self.device.clone();
        let answer = move |descriptor: JsValue| -> Result<JsValue, JsValue> {
            let made = ready.get(&key(descriptor.clone()));
            if made.is_undefined() { original.call1(&device, &descriptor) } else { Ok(made) }
        };
        let answer = Closure::<dyn Fn(JsValue) -> Result<JsValue, JsValue>>::new(answer);
        // As long as the device, which lives as long as the program.
        Reflect::set(&self.device, &method.into(), &answer.into_js_value()).ok().map(|_| ())
    }
}

/// The browser's own `GPUDevice`.
#[cfg(target_family = "wasm")]
fn handle(compute: &Compute) -> Option<JsValue> {
    let device: &JsValue = compute.gpu()?.as_webgpu()?.as_ref();
    Some(device.clone())
}

/// Outside a browser there is none.
#[cfg(not(target_family = "wasm"))]
fn handle(_: &Compute) -> Option<JsValue> {
    None
}

fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

fn object<const N: usize>(members: [(&str, &JsValue); N]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        // A plain object takes any member.
        let _ = Reflect::set(&object, &name.into(), value);
    }
    object.into()
}
