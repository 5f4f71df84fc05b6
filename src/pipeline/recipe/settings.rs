//! The settings of a picture.

use super::model::ModelIdentity;
use crate::error::Message;
use crate::scheduler::SchedulerName;

/// What made a picture, as far as it is known: what was read may lack anything.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recipe {
    /// What to draw.
    pub prompt: String,
    /// What not to draw.
    pub negative_prompt: String,
    /// Denoising steps.
    pub num_inference_steps: Option<usize>,
    /// Classifier-free guidance.
    pub guidance_scale: Option<f64>,
    /// Seed of the initial noise.
    pub seed: Option<u64>,
    /// The sampler.
    pub scheduler: Option<SchedulerName>,
    /// Pixels.
    pub width: Option<usize>,
    /// Pixels.
    pub height: Option<usize>,
    /// η of DDIM.
    pub eta: Option<f64>,
    /// Layers of the text encoder left out at the end, as diffusers counts them; 0 for none.
    pub clip_skip: Option<usize>,
    /// What drew it.
    pub model: Option<ModelIdentity>,
    /// The picture it was made from; `None`: from noise alone.
    pub start: Option<StartRecipe>,
    /// What was read and matters, but is not understood or not done here: `Sampler: UniPC`.
    pub lost: Vec<Message>,
}

/// How a picture was made from a picture, which itself is not in the recipe.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StartRecipe {
    /// How much of it was given up, 0..=1.
    pub strength: f64,
    /// Pixels around the mask that were worked on; `None`: the whole picture was.
    pub padding: Option<u32>,
    /// SHA-256 of its pixels `[h, w, 3]`, in hex.
    pub image_sha256: Option<String>,
    /// SHA-256 of the mask `[h, w]`, in hex; `None` without one.
    pub mask_sha256: Option<String>,
}
