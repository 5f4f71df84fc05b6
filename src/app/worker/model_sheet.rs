//! Description and memory of a loaded model.

use wasm_bindgen::JsCast;

use super::inspect::remaining_download;
use super::metadata::model_name;
use super::source::ModelSource;
use crate::app::protocol::{AdapterCard, ModelSheet};
use crate::device::Compute;
use crate::families::Checkpoint;
use crate::params::{GenerationParams, NamedHash};
use crate::pipeline::metadata::ModelIdentity;
use crate::scheduler::SchedulerName;
use crate::weights::fingerprint;

/// Returns the fingerprint of a model, without which it is still usable.
pub async fn model_fingerprint(source: &ModelSource, checkpoint: &Checkpoint) -> Option<String> {
    let files = checkpoint.identifying_files()?;
    // The model's own autoencoder need not be here: it is not downloaded for this.
    if files != checkpoint.network_files() && remaining_download(source, &files, u64::MAX).await > 0
    {
        return None;
    }
    fingerprint(source, &files).await.unwrap_or_default()
}

/// Returns the loaded model as the form needs it.
pub fn model_sheet(
    identity: &ModelIdentity,
    vae: Option<NamedHash>,
    place: String,
    defaults: GenerationParams,
    most_clip_skip: usize,
    adapter: Option<AdapterCard>,
) -> ModelSheet {
    let own = defaults.scheduler.map(|own| own.sampler().row());
    let fits =
        |name: &SchedulerName| own.is_none_or(|own| name.sampler().row().fits_models_of(own));
    let fitting = SchedulerName::all().filter(fits);
    ModelSheet {
        name: identity.name.clone(),
        place,
        identity: model_name(identity.clone(), vae),
        defaults,
        adapter,
        schedulers: fitting.map(|name| (name.to_string(), name.label())).collect(),
        most_clip_skip,
    }
}

/// Returns the size of WebAssembly's memory, bytes.
pub fn heap() -> u64 {
    let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    u64::from(memory.buffer().unchecked_into::<js_sys::ArrayBuffer>().byte_length())
}

/// Returns the memory of the GPU, bytes; `None` on the CPU.
pub fn gpu_memory(compute: &Compute) -> Option<u64> {
    compute.device.memory_pool_usage().map(|usage| usage.bytes_reserved)
}
