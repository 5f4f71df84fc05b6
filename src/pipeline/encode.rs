//! Into the latent space (diffusers `_encode_vae_image`).

use burn::tensor::{Device, Tensor};

use super::host::{Boundary, Event, Host};
use super::networks::Networks;
use crate::error::Result;
use crate::model::{Component, FeatureMaps, VaeConfig};

/// A model's autoencoder on its way in.
pub(super) struct Encoder<'a, N> {
    pub networks: &'a N,
    pub config: &'a VaeConfig,
    pub maps: FeatureMaps,
    pub device: &'a Device,
    /// Whether there is a picture, of whose reading the host hears. A UNet for inpainting also reads none.
    pub given: bool,
}

impl<N: Networks> Encoder<'_, N> {
    /// A picture `[1, 3, h, w]` in −1..1 → latents `[1, c, h/f, w/f]` as the UNet knows them.
    pub async fn latents(
        &self,
        picture: Tensor<4>,
        noise: &mut dyn FnMut() -> Tensor<4>,
        host: &impl Host,
    ) -> Result<Tensor<4>> {
        let network = self.networks.network(Component::VAE, host).await?;
        let vae = network.vae()?;
        if self.given {
            host.report(Event::Encoding);
            host.breathe().await?;
        }
        let boundary = Boundary::new(host);
        let latents = vae
            .encode(picture, self.maps, noise, &boundary)
            .await
            .map_err(|interrupted| boundary.reason(interrupted))?;
        Ok(latents.mul_scalar(self.config.scaling_factor()))
    }

    /// Whether [`Self::latents`] takes one draw of noise, or none.
    pub fn draws(&self) -> bool {
        matches!(self.config, VaeConfig::Kl(_))
    }
}
