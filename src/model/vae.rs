//! The autoencoder of a checkpoint, of either kind.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::autoencoder_kl::AutoencoderKl;
use super::autoencoder_tiny::AutoencoderTiny;
use super::block_boundary::{BlockBoundary, Interrupted};
use super::config::VaeConfig;
use super::feature_maps::FeatureMaps;

/// Between pictures and latents.
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant)] // There is one of it.
pub enum Vae {
    /// `AutoencoderKL`
    Kl(AutoencoderKl),
    /// `AutoencoderTiny`
    Tiny(AutoencoderTiny),
}

impl Vae {
    /// The network that `config` describes, without weights.
    pub fn new(config: &VaeConfig, device: &Device) -> Self {
        match config {
            VaeConfig::Kl(config) => Vae::Kl(AutoencoderKl::new(config, device)),
            VaeConfig::Tiny(config) => Vae::Tiny(AutoencoderTiny::new(config, device)),
        }
    }

    /// Where its weights are.
    pub fn device(&self) -> Device {
        self.devices().into_iter().next().unwrap_or_default()
    }

    /// Pictures `[b, 3, h, w]` in −1..1 → latents `[b, c, h/f, w/f]`, not yet scaled. `noise` draws
    /// a standard normal tensor of the latents' shape; an `AutoencoderKL` takes one.
    ///
    /// # Errors
    /// [`Interrupted`] if `boundary` says so between two blocks.
    pub async fn encode(
        &self,
        x: Tensor<4>,
        maps: impl Into<FeatureMaps>,
        noise: &mut dyn FnMut() -> Tensor<4>,
        boundary: &impl BlockBoundary,
    ) -> Result<Tensor<4>, Interrupted> {
        match self {
            Vae::Kl(vae) => Ok(vae.encode(x, maps.into(), boundary).await?.sample(noise())),
            Vae::Tiny(vae) => vae.encode(x, maps.into(), boundary).await,
        }
    }

    /// Latents `[b, c, h, w]`, divided by the scaling factor → pictures `[b, 3, f·h, f·w]` in about
    /// −1..1.
    ///
    /// # Errors
    /// [`Interrupted`] if `boundary` says so between two blocks.
    pub async fn decode(
        &self,
        z: Tensor<4>,
        maps: impl Into<FeatureMaps>,
        boundary: &impl BlockBoundary,
    ) -> Result<Tensor<4>, Interrupted> {
        match self {
            Vae::Kl(vae) => vae.decode(z, maps.into(), boundary).await,
            Vae::Tiny(vae) => vae.decode(z, maps.into(), boundary).await,
        }
    }
}
