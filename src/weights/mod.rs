//! Checkpoints: where their bytes are, how their files are laid out, and how a tensor gets from a
//! file onto the device.

pub mod checkpoint;
pub mod component;
#[cfg(not(target_family = "wasm"))]
pub mod folder;
pub mod http;
pub mod indexed_db;
pub mod loader;
pub mod names;
pub mod safetensors;
pub mod sheet;
pub mod source;

pub use checkpoint::{Checkpoint, Needs};
pub use component::Component;
#[cfg(not(target_family = "wasm"))]
pub use folder::Folder;
pub use sheet::Sheet;
pub use source::Source;
