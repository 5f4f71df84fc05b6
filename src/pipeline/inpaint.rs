//! Inpainting, for UNets with and without input channels for the mask.
//!
//! diffusers: `pipeline_stable_diffusion_inpaint.py`.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::scheduler::{Denoiser, NoiseLevel};

/// Latents of the unmasked part, blended in after each evaluation of a UNet without mask channels.
#[derive(Debug)]
pub struct KnownLatents {
    /// Latents of the init image, `[1, c, h, w]`.
    pub latents: Tensor<4>,
    /// Noise that is added to them, the same in every step. `[1, c, h, w]`
    pub noise: Tensor<4>,
    /// One in the repainted part, zero elsewhere. `[1, 1, h, w]`
    pub mask: Tensor<4>,
}

impl KnownLatents {
    /// Blends the known part into `latents` `[1, c, h, w]`, at their noise level.
    pub fn blend(&self, latents: Tensor<4>, level: NoiseLevel) -> Tensor<4> {
        let known_latents = match level.noise {
            0.0 => self.latents.clone(),
            _ => level.add_noise(self.latents.clone(), self.noise.clone()),
        };
        let unmasked = self.mask.clone().neg().add_scalar(1.0);
        unmasked.mul(known_latents).add(self.mask.clone().mul(latents))
    }
}

/// A denoiser whose network has further input channels: a mask and a masked image, for inpainting.
#[derive(Debug)]
pub struct ExtraChannels<D> {
    /// Predicts for samples of `c + c'` channels.
    pub denoiser: D,
    /// Further input channels, `[b, c', h, w]`.
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
