//! Autoencoder of a checkpoint, of either kind.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::activation_limits::ActivationLimits;
use super::autoencoder_kl::AutoencoderKl;
use super::autoencoder_tiny::AutoencoderTiny;
use super::config::VaeConfig;
use super::yield_point::{Interrupted, YieldPoint};

/// An autoencoder.
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant)] // There is one of it.
pub enum Vae {
    /// `AutoencoderKL`
    Kl(AutoencoderKl),
    /// `AutoencoderTiny`
    Tiny(AutoencoderTiny),
}

impl Vae {
    /// Returns the network that `config` describes, without weights.
    pub fn new(config: &VaeConfig, device: &Device) -> Self {
        match config {
            VaeConfig::Kl(config) => Vae::Kl(AutoencoderKl::new(config, device)),
            VaeConfig::Tiny(config) => Vae::Tiny(AutoencoderTiny::new(config, device)),
        }
    }

    /// Returns the device of its weights.
    pub fn device(&self) -> Device {
        self.devices().into_iter().next().unwrap_or_default()
    }

    /// Encodes images `[b, 3, h, w]` in −1..1 → latents `[b, c, h/f, w/f]`, not yet scaled. `noise`
    /// draws a standard normal tensor of the latents' shape; an `AutoencoderKL` draws one.
    ///
    /// # Errors
    /// [`Interrupted`] if `yield_point` interrupts between two blocks.
    pub async fn encode(
        &self,
        x: Tensor<4>,
        limits: impl Into<ActivationLimits>,
        noise: &mut dyn FnMut() -> Tensor<4>,
        yield_point: &impl YieldPoint,
    ) -> Result<Tensor<4>, Interrupted> {
        match self {
            Vae::Kl(vae) => Ok(vae.encode(x, limits.into(), yield_point).await?.sample(noise())),
            Vae::Tiny(vae) => vae.encode(x, limits.into(), yield_point).await,
        }
    }

    /// Decodes latents `[b, c, h, w]`, divided by the scaling factor → images `[b, 3, f·h, f·w]` in
    /// about −1..1.
    ///
    /// # Errors
    /// [`Interrupted`] if `yield_point` interrupts between two blocks.
    pub async fn decode(
        &self,
        z: Tensor<4>,
        limits: impl Into<ActivationLimits>,
        yield_point: &impl YieldPoint,
    ) -> Result<Tensor<4>, Interrupted> {
        match self {
            Vae::Kl(vae) => vae.decode(z, limits.into(), yield_point).await,
            Vae::Tiny(vae) => vae.decode(z, limits.into(), yield_point).await,
        }
    }
}
