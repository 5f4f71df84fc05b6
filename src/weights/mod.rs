//! Checkpoints: sources of bytes, file layouts, key maps and the loader.
//!
//! What is called what: a source reads *bytes*; the cache stores a file in *chunks*; a file
//! contains *tensors*; a network has *parameters*.

pub mod address;
pub mod browser;
pub mod bytes;
pub mod cache;
pub mod diffusers;
pub mod fingerprint;
#[cfg(not(target_family = "wasm"))]
pub mod folder;
pub mod http;
pub mod key_maps;
pub mod layout;
pub mod loader;
pub mod model_card;
mod non_finite;
pub mod options;
pub mod patch;
pub mod picked;
pub mod precision;
pub mod read_vae;
pub mod repository_files;
pub mod safetensors;
pub mod single_file;
pub mod source;
pub mod tensors;
pub mod textual_inversion;
pub mod vae_files;

pub use address::Address;
pub use fingerprint::fingerprint;
#[cfg(not(target_family = "wasm"))]
pub use folder::Folder;
pub use model_card::{CardAdapter, ModelCard};
pub use non_finite::check_finite;
pub use options::OpenOptions;
pub use picked::PickedModel;
pub use precision::Precision;
pub use read_vae::read_vae;
pub use single_file::{Architecture, Prediction, SingleFile, architecture_configs};
pub use source::Source;
pub use tensors::Tensors;
pub use vae_files::VaeFiles;
