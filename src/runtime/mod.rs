//! Inspection, memory plan and loading of models on a device.

mod default_params;
mod dry_run;
mod dtypes;
mod inspect;
mod limits;
mod load;
mod memory_estimate;
mod memory_plan;
mod residency;
mod sources;
mod tile_tuning;
mod warm_up;

pub use default_params::{default_params, own_scheduler};
pub use dry_run::with_placeholder_params;
pub use inspect::{Inspection, inspect, name};
pub use limits::Limits;
pub use load::{Model, load, load_preview, load_with_adapters, replace_vae};
pub use memory_plan::{Blocker, MemoryPlan, ModelFootprint, format_bytes, memory_plan};
pub use residency::{NetworkLoader, Residency};
pub use sources::Sources;
pub use tile_tuning::{TuningHost, prepare_kernels, store_tiles};
pub use warm_up::warm_up;
