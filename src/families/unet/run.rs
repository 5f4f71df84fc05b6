//! Implementation of `pipeline::Family` for models with a UNet.

use burn::tensor::DType;

use super::denoiser::UNetDenoiser;
use super::family::UNetFamily;
use super::prompt::encode_prompt;
use crate::error::Result;
use crate::model::{AddedConditions, Component, UNetConditions, VaeConfig};
use crate::params::GenerationParams;
use crate::pipeline::guidance::Guidance;
use crate::pipeline::{Callbacks, Family, NetworkFacts, NetworkProvider};
use crate::scheduler::Denoiser;

impl Family for UNetFamily {
    type Conditions = UNetConditions;

    fn vae(&self) -> &VaeConfig {
        UNetFamily::vae(self)
    }

    fn facts(&self) -> NetworkFacts {
        UNetFamily::facts(self)
    }

    async fn encode_prompt(
        &self,
        params: &GenerationParams,
        guidance: Guidance,
        networks: &impl NetworkProvider,
        callbacks: &impl Callbacks,
    ) -> Result<UNetConditions> {
        let is_cfg = guidance.is_cfg();
        let prompt = encode_prompt(self, params, is_cfg, networks, callbacks).await?;
        let added = match (self.spec.conditioning.time_ids, prompt.pooled) {
            (Some(time_ids), Some(text_embeds)) => {
                Some(AddedConditions { text_embeds, time_ids: time_ids(params.size()) })
            }
            _ => None,
        };
        let timestep_cond = guidance.timestep_cond(&prompt.states.device());
        Ok(UNetConditions { encoder_hidden_states: prompt.states, timestep_cond, added })
    }

    async fn denoiser<H: Callbacks>(
        &self,
        conditions: &UNetConditions,
        timesteps: &[f64],
        activations: DType,
        networks: &impl NetworkProvider,
        callbacks: &H,
    ) -> Result<impl Denoiser> {
        let network = networks.network(Component::UNET, callbacks).await?;
        UNetDenoiser::new(network, conditions, timesteps, activations, callbacks)
    }
}
