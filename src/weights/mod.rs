//! Checkpoints: where their bytes are, how their files are laid out, and how a tensor gets from a
//! file onto the device.

pub mod address;
pub mod browser;
pub mod bytes;
pub mod cache;
pub mod checkpoint;
pub mod component;
mod configs;
pub mod diffusers;
mod family;
pub mod fingerprint;
#[cfg(not(target_family = "wasm"))]
pub mod folder;
pub mod http;
pub mod layout;
pub mod loader;
pub mod names;
pub mod options;
pub mod precision;
pub mod safetensors;
pub mod sheet;
pub mod single_file;
pub mod source;
pub mod tensors;

pub use address::Address;
pub use checkpoint::Checkpoint;
pub use component::Component;
pub use family::Family;
pub use fingerprint::fingerprint;
#[cfg(not(target_family = "wasm"))]
pub use folder::Folder;
pub use options::OpenOptions;
pub use precision::Precision;
pub use sheet::Sheet;
pub use single_file::{Architecture, Prediction, SingleFile, architecture_configs};
pub use source::Source;
pub use tensors::Tensors;
