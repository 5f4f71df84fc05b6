//! Inpainting: the part of a picture that stays, for UNets with and without input channels for it
//! (diffusers `pipeline_stable_diffusion_inpaint.py`).

use burn::tensor::Tensor;

use crate::error::Result;
use crate::scheduler::{Denoiser, Evaluations};

/// The latents that stay, for UNets that see no mask: put back after each evaluation.
#[derive(Debug)]
pub struct Known {
    /// Of the picture, `[1, c, h, w]`.
    pub latents: Tensor<4>,
    /// The noise that is added to them, the same in every step. `[1, c, h, w]`
    pub noise: Tensor<4>,
    /// One where it is painted anew, `[1, 1, h, w]`.
    pub mask: Tensor<4>,
}

impl Known {
    /// `latents` `[1, c, h, w]` with the known part put back, as noisy as evaluation `next` expects it; after
    /// the last one without noise.
    pub fn put_back(
        &self,
        latents: Tensor<4>,
        evaluations: &Evaluations,
        next: Option<usize>,
    ) -> Tensor<4> {
        let known = match next {
            Some(next) => evaluations.add_noise(self.latents.clone(), self.noise.clone(), next),
            None => self.latents.clone(),
        };
        let kept = self.mask.clone().neg().add_scalar(1.0);
        kept.mul(known).add(self.mask.clone().mul(latents))
    }
}

/// A denoiser whose network sees more channels than the latents have: a mask and a picture, for inpainting.
#[derive(Debug)]
pub struct ExtraChannels<D> {
    /// Predicts for samples of `c + c'` channels.
    pub denoiser: D,
    /// What it sees beside the latents, `[b, c', h, w]`.
    pub channels: Option<Tensor<4>>,
}

impl<D: Denoiser> Denoiser for ExtraChannels<D> {
    async fn predict(&mut self, mut sample: Tensor<4>, timestep: f64) -> Result<Tensor<4>> {
        if let Some(channels) = &self.channels {
            sample = Tensor::cat(vec![sample, channels.clone()], 1);
        }
        self.denoiser.predict(sample, timestep).await
    }
}
