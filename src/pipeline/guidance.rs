//! Guidance: classifier-free, or distilled into the UNet.
//!
//! Classifier-free guidance (Ho & Salimans 2022, arXiv:2207.12598) runs as one batch of two.

use burn::tensor::{Device, Tensor};

use crate::error::Result;
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

    /// Returns whether the guidance is classifier-free: the batch then has a second half for the
    /// negative prompt.
    pub fn is_cfg(self) -> bool {
        matches!(self, Guidance::Scale(_))
    }

    /// Returns the embedded scale for a distilled UNet, `[1, time_cond_proj_dim]`.
    pub fn timestep_cond(self, device: &Device) -> Option<Tensor<2>> {
        let Guidance::Distilled { scale, time_cond_proj_dim } = self else { return None };
        Some(guidance_scale_embedding(scale, 1, time_cond_proj_dim, device))
    }

    /// Returns the UNet's input: `[b, c, h, w]`, or twice the same for both halves, `[2b, c, h,
    /// w]`.
    fn expand(self, latents: Tensor<4>) -> Tensor<4> {
        if self.is_cfg() { latents.repeat_dim(0, 2) } else { latents }
    }

    /// Combines the UNet's output, `[2b, c, h, w]`, negative half first, into one prediction `[b,
    /// c, h, w]`.
    fn combine(self, noise_pred: Tensor<4>) -> Tensor<4> {
        let Guidance::Scale(scale) = self else { return noise_pred };
        let b = noise_pred.dims()[0] / 2;
        let uncond = noise_pred.clone().narrow(0, 0, b);
        let text = noise_pred.narrow(0, b, b);
        uncond.clone().add(text.sub(uncond).mul_scalar(scale))
    }
}

/// A denoiser with guidance. It predicts both halves of the batch at once, and combines them.
#[derive(Debug)]
pub struct Guided<D> {
    /// Predicts for `2b` samples with classifier-free guidance, negative half first.
    pub denoiser: D,
    /// Kind and scale of the guidance.
    pub guidance: Guidance,
}

impl<D: Denoiser> Denoiser for Guided<D> {
    async fn predict(&mut self, sample: Tensor<4>, timestep: f64) -> Result<Tensor<4>> {
        let expanded = self.guidance.expand(sample);
        Ok(self.guidance.combine(self.denoiser.predict(expanded, timestep).await?))
    }
}
