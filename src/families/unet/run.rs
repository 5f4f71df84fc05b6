//! A model with a UNet in a run.

use burn::tensor::DType;

use super::denoiser::UNetDenoiser;
use super::family::UNetFamily;
use super::prompt::encode_prompt;
use crate::error::Result;
use crate::model::{AddedConditions, Component, UNetConditions, VaeConfig};
use crate::params::GenerationParams;
use crate::pipeline::guidance::Guidance;
use crate::pipeline::{Family, Host, NetworkFacts, Networks};
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
        networks: &impl Networks,
        host: &impl Host,
    ) -> Result<UNetConditions> {
        let doubled = guidance.is_doubled();
        let prompt = encode_prompt(self, params, doubled, networks, host).await?;
        let added = match (self.spec.conditioning.time_ids, prompt.pooled) {
            (Some(time_ids), Some(text_embeds)) => {
                Some(AddedConditions { text_embeds, time_ids: time_ids(params.size()) })
            }
            _ => None,
        };
        let timestep_cond = guidance.timestep_cond(&prompt.states.device());
        Ok(UNetConditions { encoder_hidden_states: prompt.states, timestep_cond, added })
    }

    async fn denoiser<H: Host>(
        &self,
        conditions: &UNetConditions,
        timesteps: &[f64],
        activations: DType,
        networks: &impl Networks,
        host: &H,
    ) -> Result<impl Denoiser> {
        let network = networks.network(Component::UNET, host).await?;
        UNetDenoiser::new(network, conditions, timesteps, activations, host)
    }
}
