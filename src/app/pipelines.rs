//! Parallel creation of compute pipelines in a browser.
//!
//! Burn's runtime creates pipelines synchronously, and a browser compiles each on the one thread
//! that executes all GPU commands. Here they are created by `createComputePipelineAsync`, on as
//! many threads as the browser has, and returned when the runtime creates a pipeline of the same
//! WGSL.

use std::future::Future;

use futures::future::join_all;
use js_sys::{Function, Map, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::gpu::get;
use crate::device::Compute;

/// Entry point of every kernel.
const ENTRY_POINT: &str = "main";

/// The pipelines created ahead on a device.
#[derive(Debug, Clone)]
pub struct Pipelines {
    device: JsValue,
    /// WGSL → `GPUShaderModule`.
    modules: Map,
    /// `GPUShaderModule` → `GPUComputePipeline`.
    pipelines: Map,
}

impl Pipelines {
    /// Replaces the pipeline functions of the browser's GPU device; `None` for any other device.
    pub fn new(compute: &Compute) -> Option<Self> {
        let device = handle(compute)?;
        let pipelines = Pipelines { device, modules: Map::new(), pipelines: Map::new() };
        pipelines.replace_method(
            "createShaderModule",
            pipelines.modules.clone(),
            |descriptor| get(&descriptor, "code"),
        )?;
        pipelines.replace_method(
            "createComputePipeline",
            pipelines.pipelines.clone(),
            |descriptor| get(&get(&descriptor, "compute"), "module"),
        )?;
        Some(pipelines)
    }

    /// Builds the pipelines of `shaders` that do not exist yet. If one cannot be built, the runtime
    /// builds it again and reports the error.
    pub async fn build(&self, shaders: Vec<String>) {
        let started = shaders.iter().filter_map(|code| self.start(&JsValue::from_str(code)));
        for (module, built) in join_all(started.collect::<Vec<_>>()).await {
            if let Ok(pipeline) = built {
                self.pipelines.set(&module, &pipeline);
            }
        }
    }

    /// Starts building a shader. Returns its module and its future pipeline; `None` if it has been
    /// started before.
    fn start(
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

    /// Replaces the device's `method` by one that returns the value in `ready` under the
    /// descriptor's key, and calls the original method if there is none.
    fn replace_method(
        &self,
        method: &str,
        ready: Map,
        key: impl Fn(JsValue) -> JsValue + 'static,
    ) -> Option<()> {
        let original: Function = get(&self.device, method).dyn_into().ok()?;
        let device = self.device.clone();
        let replacement = move |descriptor: JsValue| -> Result<JsValue, JsValue> {
            let value = ready.get(&key(descriptor.clone()));
            if value.is_undefined() { original.call1(&device, &descriptor) } else { Ok(value) }
        };
        let replacement = Closure::<dyn Fn(JsValue) -> Result<JsValue, JsValue>>::new(replacement);
        // Leaked on purpose: the device lives as long as the program.
        Reflect::set(&self.device, &method.into(), &replacement.into_js_value()).ok().map(|_| ())
    }
}

/// Returns the browser's `GPUDevice`.
#[cfg(target_family = "wasm")]
fn handle(compute: &Compute) -> Option<JsValue> {
    let device: &JsValue = compute.gpu()?.as_webgpu()?.as_ref();
    Some(device.clone())
}

/// Returns `None`: outside a browser there is no `GPUDevice`.
#[cfg(not(target_family = "wasm"))]
fn handle(_: &Compute) -> Option<JsValue> {
    None
}

fn object<const N: usize>(members: [(&str, &JsValue); N]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        // Setting a member of a plain object cannot fail.
        let _ = Reflect::set(&object, &name.into(), value);
    }
    object.into()
}
