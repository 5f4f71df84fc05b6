//! Implementation of `pipeline::Family` for models with a UNet.

use burn::tensor::DType;

use super::conditions::{RunConditions, run_conditions};
use super::denoiser::UNetDenoiser;
use super::family::UNetFamily;
use super::prompt::encode_prompt;
use crate::error::Result;
use crate::model::{Component, VaeConfig};
use crate::params::GenerationParams;
use crate::pipeline::guidance::Guidance;
use crate::pipeline::{Callbacks, Family, NetworkFacts, NetworkProvider, Prompts};
use crate::scheduler::Denoiser;

impl Family for UNetFamily {
    type Conditions = RunConditions;

    fn vae(&self) -> &VaeConfig {
        UNetFamily::vae(self)
    }

    fn facts(&self) -> NetworkFacts {
        UNetFamily::facts(self)
    }

    async fn encode_prompt(
        &self,
        params: &GenerationParams,
        prompts: &Prompts,
        guidance: Guidance,
        networks: &impl NetworkProvider,
        callbacks: &impl Callbacks,
    ) -> Result<RunConditions> {
        let is_cfg = guidance.is_cfg();
        let states = encode_prompt(self, params, prompts, is_cfg, networks, callbacks).await?;
        Ok(run_conditions(self, params, prompts, guidance, &states))
    }

    async fn denoiser<H: Callbacks>(
        &self,
        conditions: &RunConditions,
        timesteps: &[f64],
        activations: DType,
        networks: &impl NetworkProvider,
        callbacks: &H,
    ) -> Result<impl Denoiser> {
        let network = networks.network(Component::UNET, callbacks).await?;
        UNetDenoiser::new(network, conditions, timesteps, activations, callbacks)
    }
}
