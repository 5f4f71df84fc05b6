//! Limits and features of the WebGPU adapter.
//!
//! They are checked before anything is loaded.
//!
//! WebGPU's types are unstable in web-sys: the few properties needed are read by name.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::error::{Error, Message, Result, messages};
use crate::runtime::Limits;

/// Feature that Burn's runtime requires (cubecl-wgpu 0.11).
const REQUIRED_FEATURE: &str = "timestamp-query";

/// Limits that the kernels require.
const REQUIRED_LIMITS: [(&str, f64); 3] = [
    ("maxComputeInvocationsPerWorkgroup", 256.0),
    ("maxComputeWorkgroupStorageSize", 16384.0),
    ("maxStorageBuffersPerShaderStage", 8.0),
];

/// A `GPUAdapter`.
#[derive(Debug)]
pub struct Adapter {
    handle: JsValue,
}

impl Adapter {
    /// Requests the adapter that the runtime will use.
    ///
    /// # Errors
    /// [`Error::NoGpu`] with the reason.
    pub async fn request() -> Result<Self> {
        if get(&js_sys::global(), "isSecureContext").is_falsy() {
            return Err(missing(messages::no_secure_context()));
        }
        let gpu = get(&get(&js_sys::global(), "navigator"), "gpu");
        if !gpu.is_object() {
            return Err(missing(messages::no_webgpu()));
        }
        let options = js_sys::Object::new();
        let _ = Reflect::set(&options, &"powerPreference".into(), &"high-performance".into());
        let request: Function = get(&gpu, "requestAdapter")
            .dyn_into()
            .map_err(|_| missing(messages::webgpu_incomplete()))?;
        let promise: Promise = request
            .call1(&gpu, &options)
            .and_then(JsCast::dyn_into)
            .map_err(|_| missing(messages::webgpu_incomplete()))?;
        match JsFuture::from(promise).await {
            Ok(handle) if handle.is_object() => Ok(Adapter { handle }),
            _ => Err(missing(messages::no_adapter())),
        }
    }

    /// Returns the adapter's limits.
    ///
    /// # Errors
    /// [`Error::NoGpu`] with the first feature that is missing or limit that is too small.
    pub fn limits(&self) -> Result<Limits> {
        let features = get(&self.handle, "features");
        let has = |feature: &str| {
            get(&features, "has")
                .dyn_ref::<Function>()
                .and_then(|has| has.call1(&features, &feature.into()).ok())
                .is_some_and(|has| has.is_truthy())
        };
        if !has(REQUIRED_FEATURE) {
            return Err(missing(messages::lacks_feature(REQUIRED_FEATURE)));
        }
        let limits = get(&self.handle, "limits");
        let offered = |limit: &str| get(&limits, limit).as_f64().unwrap_or(0.0);
        for (limit, needed) in REQUIRED_LIMITS {
            if offered(limit) < needed {
                return Err(missing(messages::limit_too_low(limit, offered(limit), needed)));
            }
        }
        let binding = ["maxStorageBufferBindingSize", "maxBufferSize"].map(offered);
        Ok(Limits {
            binding: Some(binding[0].min(binding[1]) as u64),
            memory: None,
            gpu: true,
            f16: has("shader-f16"),
        })
    }

    /// Returns the adapter's name, if the browser reveals it.
    pub fn name(&self) -> String {
        let info = get(&self.handle, "info");
        let words = ["description", "device", "architecture", "vendor"];
        words
            .iter()
            .filter_map(|word| get(&info, word).as_string())
            .find(|name| !name.is_empty())
            .unwrap_or_else(|| "GPU".to_string())
    }
}

/// Returns a property; undefined if there is none.
pub(super) fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

fn missing(reason: Message) -> Error {
    Error::NoGpu { reason }
}
