//! What a picture is made from.

use super::start::Start;
use crate::error::{Error, Result};
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
                    value: size.to_string(),
                    reason: format!("it must be a multiple of {step}, for instance {below}"),
                });
            }
        }
        if !self.guidance_scale.is_finite() {
            return Err(Error::InvalidRequest {
                field: "guidance_scale",
                value: self.guidance_scale.to_string(),
                reason: "it must be a number, usually between 1 and 15".to_string(),
            });
        }
        match &self.start {
            Some(start) => start.check([self.width, self.height]),
            None => Ok(()),
        }
    }

    /// What must be typed in again to get the same picture, as key and value: the text chunks of
    /// the PNG. `parameters` is the form that AUTOMATIC1111's tools read.
    pub fn recipe(&self, model: &str, scheduler: SchedulerName) -> Vec<(&'static str, String)> {
        let parameters = format!(
            "{}\nNegative prompt: {}\nSteps: {}, Sampler: {scheduler}, CFG scale: {}, Seed: {}, \
             Size: {}x{}, Model: {model}",
            self.prompt,
            self.negative_prompt,
            self.num_inference_steps,
            self.guidance_scale,
            self.seed,
            self.width,
            self.height
        );
        vec![
            ("Software", concat!("Hearth ", env!("CARGO_PKG_VERSION")).to_string()),
            ("model", model.to_string()),
            ("prompt", self.prompt.clone()),
            ("negative_prompt", self.negative_prompt.clone()),
            ("num_inference_steps", self.num_inference_steps.to_string()),
            ("guidance_scale", self.guidance_scale.to_string()),
            ("seed", self.seed.to_string()),
            ("scheduler", scheduler.to_string()),
            ("width", self.width.to_string()),
            ("height", self.height.to_string()),
            ("parameters", parameters),
        ]
        .into_iter()
        .map(|(key, text)| (key, text.replace('\0', ""))) // PNG cannot hold it.
        .collect()
    }
}
