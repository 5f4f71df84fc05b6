//! A model family, as the steps of a run see it.

use burn::tensor::DType;

use super::guidance::Guidance;
use super::host::Host;
use super::networks::Networks;
use crate::error::Result;
use crate::model::VaeConfig;
use crate::params::GenerationParams;
use crate::scheduler::Denoiser;

/// Properties of the network that predicts, on which the steps of a run depend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkFacts {
    /// Channels that it reads: those of the latents, or more for inpainting.
    pub in_channels: usize,
    /// Features of the guidance that it was distilled from, if it was.
    pub time_cond_proj_dim: Option<usize>,
    /// Whether a run of an LCM sampler that begins with a picture takes all its steps, and they begin lower
    /// (`LatentConsistencyModelImg2ImgPipeline`).
    pub strength_in_schedule: bool,
}

/// A model of a family: how a prompt becomes conditions, and what predicts with them.
#[allow(async_fn_in_trait)] // Everything runs on one thread: no `Send` bound is wanted.
pub trait Family {
    /// Everything that a prediction depends on beside sample and timestep.
    type Conditions;

    /// Returns the config of its autoencoder, which says what its latents are.
    fn vae(&self) -> &VaeConfig;

    /// Returns the properties of the network that predicts.
    fn facts(&self) -> NetworkFacts;

    /// Encodes the prompts of `params` and everything else that the network gets for such a picture.
    ///
    /// # Errors
    /// If a value of `params` does not suit the text encoders, as [`Networks::network`], or what `host` ends
    /// the run with.
    async fn encode_prompt(
        &self,
        params: &GenerationParams,
        guidance: Guidance,
        networks: &impl Networks,
        host: &impl Host,
    ) -> Result<Self::Conditions>;

    /// Returns the network as a denoiser for `timesteps`, and at more cost for others. `activations` is the
    /// number format between its layers. It predicts for `2b` samples where the guidance that `conditions` were
    /// made for is doubled, negative half first.
    ///
    /// Between any two of its blocks `host` may yield to the event loop or end the run.
    ///
    /// # Errors
    /// As [`Networks::network`].
    async fn denoiser<H: Host>(
        &self,
        conditions: &Self::Conditions,
        timesteps: &[f64],
        activations: DType,
        networks: &impl Networks,
        host: &H,
    ) -> Result<impl Denoiser>;
}
