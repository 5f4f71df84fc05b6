//! Guidance: classifier-free (Ho & Salimans 2022, arXiv:2207.12598) in one batch of two, or that of a UNet
//! which was distilled from it.

use burn::tensor::{Device, Tensor};

use crate::error::Result;
use crate::model::embeddings::guidance_scale_embedding;
use crate::params::GenerationParams;
use crate::scheduler::Denoiser;

/// Whether and how strongly the prompt is emphasised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Guidance {
    /// The prompt alone.
    Off,
    /// Away from the negative prompt by this scale.
    Scale(f64),
    /// The UNet has learnt what a guided one predicts (Meng et al. 2023, arXiv:2210.03142), and is
    /// told the scale. A negative prompt has no effect.
    Distilled {
        /// The scale to imitate.
        scale: f64,
        /// Features of its embedding.
        time_cond_proj_dim: usize,
    },
}

impl Guidance {
    /// As diffusers: a scale of 1 or less guides nothing, and a UNet with `time_cond_proj_dim` is
    /// never guided from outside.
    ///
    /// One rule for every pipeline class. `LatentConsistencyModelPipeline` differs from
    /// `StableDiffusionPipeline` in nothing that shows: its w is `guidance_scale − 1` as well; it decodes
    /// the last step's denoised sample, which of an LCM scheduler, the only one that it accepts, is the
    /// last step's latents.
    pub fn of(params: &GenerationParams, time_cond_proj_dim: Option<usize>) -> Self {
        match time_cond_proj_dim {
            Some(time_cond_proj_dim) => {
                Guidance::Distilled { scale: params.guidance_scale, time_cond_proj_dim }
            }
            None if params.is_guided() => Guidance::Scale(params.guidance_scale),
            None => Guidance::Off,
        }
    }

    /// Whether there is a second half of the batch, for the negative prompt.
    pub fn is_doubled(self) -> bool {
        matches!(self, Guidance::Scale(_))
    }

    /// What a distilled UNet is told, `[1, time_cond_proj_dim]`.
    pub fn timestep_cond(self, device: &Device) -> Option<Tensor<2>> {
        let Guidance::Distilled { scale, time_cond_proj_dim } = self else { return None };
        Some(guidance_scale_embedding(scale, 1, time_cond_proj_dim, device))
    }

    /// The UNet's input: `[b, c, h, w]` → `[2b, c, h, w]` with two halves, both the same.
    fn expand(self, latents: Tensor<4>) -> Tensor<4> {
        if self.is_doubled() { latents.repeat_dim(0, 2) } else { latents }
    }

    /// One prediction out of the UNet's output: `[2b, c, h, w]`, negative half first → `[b, c, h, w]`.
    fn combine(self, noise_pred: Tensor<4>) -> Tensor<4> {
        let Guidance::Scale(scale) = self else { return noise_pred };
        let b = noise_pred.dims()[0] / 2;
        let uncond = noise_pred.clone().narrow(0, 0, b);
        let text = noise_pred.narrow(0, b, b);
        uncond.clone().add(text.sub(uncond).mul_scalar(scale))
    }
}

/// A denoiser that follows the prompt: predicts for both halves of the batch at once, and combines them.
#[derive(Debug)]
pub struct Guided<D> {
    /// Predicts for `2b` samples where the guidance is doubled, negative half first.
    pub denoiser: D,
    /// How strongly the prompt is followed.
    pub guidance: Guidance,
}

impl<D: Denoiser> Denoiser for Guided<D> {
    async fn predict(&mut self, sample: Tensor<4>, timestep: f64) -> Result<Tensor<4>> {
        let expanded = self.guidance.expand(sample);
        Ok(self.guidance.combine(self.denoiser.predict(expanded, timestep).await?))
    }
}
