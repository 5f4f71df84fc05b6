//! Interface of a model family.

use burn::tensor::DType;

use super::callbacks::Callbacks;
use super::guidance::Guidance;
use super::network_provider::NetworkProvider;
use super::prompts::Prompts;
use crate::error::Result;
use crate::model::VaeConfig;
use crate::params::GenerationParams;
use crate::scheduler::Denoiser;

/// Properties of the denoising network on which the steps of a run depend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkFacts {
    /// Input channels: those of the latents, or more for inpainting.
    pub in_channels: usize,
    /// Width of the guidance scale's embedding, for a network distilled from guidance.
    pub time_cond_proj_dim: Option<usize>,
    /// Whether image to image with an LCM sampler takes all its steps, on a schedule that begins at
    /// a lower noise level (`LatentConsistencyModelImg2ImgPipeline`).
    pub strength_in_schedule: bool,
    /// Whether it is of the SDXL family, which has its own table of noise levels.
    pub is_sdxl: bool,
}

/// A model of a family: encodes prompts, and denoises with them.
#[allow(async_fn_in_trait)] // Everything runs on one thread: no `Send` bound is wanted.
pub trait Family {
    /// Conditions of a run's predictions in addition to sample and timestep.
    type Conditions;

    /// Returns the config of the autoencoder.
    fn vae(&self) -> &VaeConfig;

    /// Returns the properties of the denoising network.
    fn facts(&self) -> NetworkFacts;

    /// Encodes `prompts`, and the other conditions of the network.
    ///
    /// # Errors
    /// If a value of `params` does not suit the text encoders; the errors of
    /// [`NetworkProvider::network`] and of `callbacks`.
    async fn encode_prompt(
        &self,
        params: &GenerationParams,
        prompts: &Prompts,
        guidance: Guidance,
        networks: &impl NetworkProvider,
        callbacks: &impl Callbacks,
    ) -> Result<Self::Conditions>;

    /// Returns the network as a denoiser for `timesteps`; other timesteps cost more. `activations`
    /// is the number format between its layers. With classifier-free guidance it predicts for the
    /// samples of the negative prompt, then of each part of the prompt. It counts its predictions:
    /// prompts may change from one to the next.
    ///
    /// Between any two of its blocks, `callbacks` may yield to the event loop or end the run.
    ///
    /// # Errors
    /// As [`NetworkProvider::network`].
    async fn denoiser<H: Callbacks>(
        &self,
        conditions: &Self::Conditions,
        timesteps: &[f64],
        activations: DType,
        networks: &impl NetworkProvider,
        callbacks: &H,
    ) -> Result<impl Denoiser>;
}
