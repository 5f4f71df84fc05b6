//! VAE encoding (diffusers `_encode_vae_image`).

use burn::tensor::{Device, Tensor};

use super::callbacks::{CallbackYieldPoint, Callbacks, PipelineEvent};
use super::network_provider::NetworkProvider;
use crate::error::Result;
use crate::model::{ActivationLimits, Component, VaeConfig};

/// Encodes images with the model's autoencoder.
pub(super) struct VaeEncoder<'a, N> {
    pub networks: &'a N,
    pub config: &'a VaeConfig,
    pub limits: ActivationLimits,
    pub device: &'a Device,
    /// Whether the run has an init image, whose encoding is reported. An inpainting UNet encodes a
    /// masked image also without one.
    pub has_init_image: bool,
}

impl<N: NetworkProvider> VaeEncoder<'_, N> {
    /// Encodes an image `[1, 3, h, w]` in −1..1 → scaled latents `[1, c, h/f, w/f]`.
    pub async fn latents(
        &self,
        image: Tensor<4>,
        noise: &mut dyn FnMut() -> Tensor<4>,
        callbacks: &impl Callbacks,
    ) -> Result<Tensor<4>> {
        let network = self.networks.network(Component::VAE, callbacks).await?;
        let vae = network.vae()?;
        if self.has_init_image {
            callbacks.report(PipelineEvent::Encoding);
            callbacks.yield_now().await?;
        }
        let yield_point = CallbackYieldPoint::new(callbacks);
        let latents = vae
            .encode(image, self.limits, noise, &yield_point)
            .await
            .map_err(|interrupted| yield_point.error(interrupted))?;
        Ok(latents.mul_scalar(self.config.scaling_factor()))
    }

    /// Returns whether [`Self::latents`] draws noise, once for each call.
    pub fn draws_noise(&self) -> bool {
        matches!(self.config, VaeConfig::Kl(_))
    }
}
