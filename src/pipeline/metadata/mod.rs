//! Generation metadata in PNG files.
//!
//! Reads Hearth's own files, and those of programs that write as AUTOMATIC1111's web UI does.

mod generation_metadata;
mod json;
mod model;
mod parameters;
mod png_texts;
mod sampler;

pub use self::generation_metadata::{GenerationMetadata, InitImageMetadata};
pub use self::model::ModelIdentity;
pub use self::png_texts::{read, to_png, write};
pub use self::sampler::scheduler_of_any_name;
