//! Generation metadata in image files.
//!
//! Reads Hearth's own files, those of programs that write as AUTOMATIC1111's web UI does, and JSON of
//! some others.

mod comfyui;
mod generation_metadata;
mod json;
mod model;
mod other_programs;
mod parameters;
mod png_texts;
mod prompt_syntax;
mod sampler;
mod texts;
mod unsupported;
mod vae;

pub use self::generation_metadata::{GenerationMetadata, InitImageMetadata};
pub use self::model::ModelIdentity;
pub use self::png_texts::{read, read_pasted, to_png, write};
pub use self::sampler::{schedule_of_any_name, scheduler_of_any_name};
pub use self::vae::VaeIdentity;
