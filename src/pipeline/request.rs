//! What a picture is made from.

use super::recipe::{ModelIdentity, Recipe};
use super::start::Start;
use crate::error::{Error, Message, Result, messages};
use crate::scheduler::SchedulerName;

/// The arguments of diffusers' `StableDiffusionPipeline.__call__`, with its names.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// What to draw; may be empty.
    pub prompt: String,
    /// What not to draw; may be empty. Has no effect without guidance.
    pub negative_prompt: String,
    /// Denoising steps.
    pub num_inference_steps: usize,
    /// Classifier-free guidance; at 1 or less there is none.
    pub guidance_scale: f64,
    /// Seed of the initial noise, as `torch.Generator("cpu").manual_seed(seed)`.
    pub seed: u64,
    /// `None`: what the checkpoint's config says.
    pub scheduler: Option<SchedulerName>,
    /// Pixels, a multiple of [`SIZE_STEP`] and of the autoencoder's factor.
    pub width: usize,
    /// Pixels, a multiple of [`SIZE_STEP`] and of the autoencoder's factor.
    pub height: usize,
    /// η of DDIM: 0 is deterministic, 1 is DDPM.
    pub eta: f64,
    /// Layers of the text encoder left out at the end for `prompt`; 0 for none.
    pub clip_skip: usize,
    /// What the picture is made from; `None`: from noise alone.
    pub start: Option<Start>,
}

/// Sizes are multiples of this, as in diffusers.
pub const SIZE_STEP: usize = 8;

/// Beyond this, sizes are surely a mistake: the largest models make pictures of about 2,000 pixels.
const MOST_PIXELS_PER_SIDE: usize = 4096;

impl Request {
    /// Checks what does not depend on the scheduler. `scale_factor` is the autoencoder's.
    pub fn check(&self, scale_factor: usize) -> Result<()> {
        let step = SIZE_STEP.max(scale_factor);
        for (field, size) in [("width", self.width), ("height", self.height)] {
            if size == 0 || size > MOST_PIXELS_PER_SIDE || !size.is_multiple_of(step) {
                let below = (size.min(MOST_PIXELS_PER_SIDE) / step * step).max(step);
                return Err(Error::InvalidRequest {
                    field,
                    value: Message::verbatim(size),
                    reason: messages::multiple_of(step, below),
                });
            }
        }
        if !self.guidance_scale.is_finite() {
            return Err(Error::InvalidRequest {
                field: "guidance_scale",
                value: Message::verbatim(self.guidance_scale),
                reason: messages::usual_guidance(),
            });
        }
        match &self.start {
            Some(start) => start.check([self.width, self.height]),
            None => Ok(()),
        }
    }

    /// What must be typed in again to get the same picture.
    pub fn recipe(&self, model: ModelIdentity, scheduler: SchedulerName) -> Recipe {
        Recipe {
            prompt: self.prompt.clone(),
            negative_prompt: self.negative_prompt.clone(),
            num_inference_steps: Some(self.num_inference_steps),
            guidance_scale: Some(self.guidance_scale),
            seed: Some(self.seed),
            scheduler: Some(scheduler),
            width: Some(self.width),
            height: Some(self.height),
            eta: Some(self.eta),
            clip_skip: Some(self.clip_skip),
            model: Some(model),
            start: self.start.as_ref().map(Start::recipe),
            lost: Vec::new(),
        }
    }
}
