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
mod pasted;
mod png_texts;
mod prompt_syntax;
mod sampler;
mod setting_pairs;
mod texts;
mod unsupported;
mod vae;

pub use self::generation_metadata::{GenerationMetadata, InitImageMetadata};
pub use self::model::ModelIdentity;
pub use self::pasted::read_pasted;
pub use self::png_texts::{read, to_png, write};
pub use self::sampler::{schedule_of_any_name, scheduler_of_any_name};
pub use self::vae::vae_identity;
use crate::params::PartialParams;

/// Returns the prompt and the negative prompt; empty where there is none.
fn prompts_of(params: &PartialParams) -> [&str; 2] {
    [&params.prompt, &params.negative_prompt].map(|prompt| prompt.as_deref().unwrap_or_default())
}

/// Returns a strength with which diffusers makes the last `made` of `steps` steps: it cuts their product.
fn strength_of(made: usize, steps: usize) -> f64 {
    let thousandths = (made as f64 / steps.max(1) as f64 * 1000.0).ceil();
    (thousandths / 1000.0).min(1.0)
}
