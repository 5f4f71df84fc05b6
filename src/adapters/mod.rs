//! LoRA and its kin: changes of a checkpoint's weights from another file.
//!
//! A file's header ([`AdapterFile`]) says which layers it changes ([`Adapter`]); the values are read
//! while the layers' weights are loaded ([`AdapterSet::patches`]), so that there is never a second copy of
//! the model. Taking an adapter off loads the touched weights again, which are then the same bits as before.

mod adapter;
mod base_model;
mod change;
mod distillation;
mod file;
mod metadata;
mod names;
mod selection;
mod set;
mod suffixes;

pub use adapter::{Adapter, AdapterSummary};
pub use base_model::BaseModel;
pub use change::ChangeKind;
pub use distillation::Suggestion;
pub use file::{AdapterFile, PEFT_WEIGHTS};
pub use metadata::AdapterMetadata;
pub use names::{Layer, LayerNames};
pub use selection::{OpenAdapters, Selection};
pub use set::{AdapterSet, ComponentPatches, WeightedAdapter};
