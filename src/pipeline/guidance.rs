//! Guidance: classifier-free, or distilled into the UNet.
//!
//! Classifier-free guidance (Ho & Salimans 2022, arXiv:2207.12598) runs as one batch: the negative
//! prompt, and each part of the prompt.

use burn::tensor::{Device, Tensor};

use crate::error::{Error, Message, Result, messages};
use crate::model::embeddings::guidance_scale_embedding;
use crate::params::GenerationParams;
use crate::scheduler::Denoiser;

/// Kind and scale of the guidance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Guidance {
    /// No guidance.
    Off,
    /// Classifier-free guidance with this scale.
    Scale(f64),
    /// The UNet was distilled from a guided one (Meng et al. 2023, arXiv:2210.03142), and takes the
    /// scale as an input. A negative prompt has no effect.
    Distilled {
        /// Guidance scale.
        scale: f64,
        /// Width of its embedding.
        time_cond_proj_dim: usize,
    },
}

impl Guidance {
    /// Returns the guidance of a run. As in diffusers, a scale of 1 or less disables it, and a UNet
    /// with `time_cond_proj_dim` never gets classifier-free guidance.
    ///
    /// One rule serves every pipeline class. `LatentConsistencyModelPipeline` gives the same
    /// results as
    /// `StableDiffusionPipeline`: its w is `guidance_scale − 1` as well, and it decodes the
    /// denoised sample of
    /// the last step, which equals the last step's latents with an LCM scheduler, the only one it
    /// accepts.
    pub fn new(params: &GenerationParams, time_cond_proj_dim: Option<usize>) -> Self {
        match time_cond_proj_dim {
            Some(time_cond_proj_dim) => {
                Guidance::Distilled { scale: params.guidance_scale, time_cond_proj_dim }
            }
            None if params.is_guided() => Guidance::Scale(params.guidance_scale),
            None => Guidance::Off,
        }
    }

    /// Returns whether the guidance is classifier-free: the batch then begins with the
    /// negative prompt.
    pub fn is_cfg(self) -> bool {
        matches!(self, Guidance::Scale(_))
    }

    /// Returns the embedded scale for a distilled UNet, `[1, time_cond_proj_dim]`.
    pub fn timestep_cond(self, device: &Device) -> Option<Tensor<2>> {
        let Guidance::Distilled { scale, time_cond_proj_dim } = self else { return None };
        Some(guidance_scale_embedding(scale, 1, time_cond_proj_dim, device))
    }

    /// Returns the guidance of a prompt that AND splits into this many parts: several are always
    /// guided, so that each is weighed against the negative prompt.
    ///
    /// # Errors
    /// If the network takes the scale as an input, so that parts cannot be weighed.
    pub fn for_parts(self, parts: usize) -> Result<Self> {
        match self {
            Guidance::Off if parts > 1 => Ok(Guidance::Scale(1.0)),
            Guidance::Distilled { .. } if parts > 1 => Err(Error::InvalidRequest {
                field: "prompt",
                value: Message::verbatim("AND"),
                reason: messages::and_needs_guidance(),
            }),
            guidance => Ok(guidance),
        }
    }
}

/// A denoiser with guidance. It predicts all rows of the batch at once, and combines them.
#[derive(Debug)]
pub struct Guided<D> {
    /// Predicts with classifier-free guidance for `(1 + parts)·b` samples: those of the negative
    /// prompt, then those of each part of the prompt.
    pub denoiser: D,
    /// Kind and scale of the guidance.
    pub guidance: Guidance,
    /// Factor of the guidance of each part.
    pub weights: Vec<f64>,
    /// Share of the result whose standard deviation is that of the prompt's own prediction.
    pub rescale: f64,
}

impl<D> Guided<D> {
    /// Returns the UNet's input: `[b, c, h, w]`, or the same for every row.
    fn expand(&self, latents: Tensor<4>) -> Tensor<4> {
        match self.guidance.is_cfg() {
            true => latents.repeat_dim(0, 1 + self.weights.len()),
            false => latents,
        }
    }

    /// Combines the UNet's output into one prediction `[b, c, h, w]`: `u + Σ w·scale·(c − u)` (Liu
    /// et al. 2022, arXiv:2206.01714). It is linear, so that it is the same for every kind of
    /// prediction; rescaling is not, and is done on the network's own output, as diffusers does.
    fn combine(&self, noise_pred: Tensor<4>) -> Tensor<4> {
        let Guidance::Scale(scale) = self.guidance else { return noise_pred };
        if self.rescale == 0.0 {
            return self.guided(&noise_pred, scale);
        }
        let text = match self.weights.as_slice() {
            [1.0] => self.row(&noise_pred, 1),
            _ => self.guided(&noise_pred, 1.0),
        };
        rescaled(self.guided(&noise_pred, scale), text, self.rescale)
    }

    /// Returns the prediction of the negative prompt, row 0, or of a part of the prompt.
    fn row(&self, noise_pred: &Tensor<4>, row: usize) -> Tensor<4> {
        let b = noise_pred.dims()[0] / (1 + self.weights.len());
        noise_pred.clone().narrow(0, row * b, b)
    }

    fn guided(&self, noise_pred: &Tensor<4>, scale: f64) -> Tensor<4> {
        let uncond = self.row(noise_pred, 0);
        let mut combined = uncond.clone();
        for (part, weight) in self.weights.iter().enumerate() {
            let text = self.row(noise_pred, 1 + part);
            combined = combined.add(text.sub(uncond.clone()).mul_scalar(scale * weight));
        }
        combined
    }
}

/// Sets the standard deviation of `share` of a guided prediction back to that of the prompt's own
/// (diffusers `rescale_noise_cfg`). `[b, c, h, w]` both.
fn rescaled(guided: Tensor<4>, text: Tensor<4>, share: f64) -> Tensor<4> {
    let deviation = |prediction: Tensor<4>| {
        let [b, c, h, w] = prediction.dims();
        prediction.reshape([b, c * h * w]).var(1).sqrt().reshape([b, 1, 1, 1])
    };
    let ratio = deviation(text) / deviation(guided.clone());
    guided.clone() * ratio.mul_scalar(share) + guided.mul_scalar(1.0 - share)
}

impl<D: Denoiser> Denoiser for Guided<D> {
    async fn predict(&mut self, sample: Tensor<4>, timestep: f64) -> Result<Tensor<4>> {
        let expanded = self.expand(sample);
        let noise_pred = self.denoiser.predict(expanded, timestep).await?;
        Ok(self.combine(noise_pred))
    }
}
