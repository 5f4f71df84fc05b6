//! Dry run of text encoders and UNet.

use burn::tensor::{DType, Device, Tensor};

use super::family::UNetFamily;
use crate::error::Result;
use crate::kernels;
use crate::model::{AddedConditions, UNetConditions};
use crate::params::GenerationParams;
use crate::pipeline::guidance::Guidance;
use crate::pipeline::{CallbackYieldPoint, Callbacks, Family, NetworkProvider};
use crate::scheduler::Denoiser;

impl UNetFamily {
    /// Calls the text encoders and the UNet once, with the shapes and number formats of a run of
    /// `params`. Nothing depends on values, because the networks of a dry run have no weights.
    ///
    /// # Errors
    /// As [`NetworkProvider::network`], and errors of `callbacks`.
    pub async fn dry_run(
        &self,
        params: &GenerationParams,
        activations: DType,
        device: &Device,
        networks: &impl NetworkProvider,
        callbacks: &impl Callbacks,
    ) -> Result<()> {
        for encoder in &self.text_encoders {
            let tokens = encoder.tokenizer.model_max_length();
            let network = networks.network(encoder.component, callbacks).await?;
            let yield_point = CallbackYieldPoint::new(callbacks);
            let encoded = network.clip_text()?.forward(&[vec![0; tokens]], 0, &yield_point).await;
            encoded.map_err(|interrupted| yield_point.error(interrupted))?;
        }

        let config = &self.unet;
        let guidance = Guidance::new(params, config.time_cond_proj_dim);
        let batch = if guidance.is_cfg() { 2 } else { 1 };
        let added = self.spec.conditioning.time_ids.map(|time_ids| {
            let time_ids = time_ids(params.size());
            let numbers = time_ids.len() * config.addition_time_embed_dim;
            let text = config.projection_class_embeddings_input_dim.saturating_sub(numbers);
            AddedConditions {
                text_embeds: Tensor::zeros([batch, text], (device, DType::F32)),
                time_ids,
            }
        });
        let tokens = self.text_encoders.first();
        let tokens = tokens.map_or(0, |encoder| encoder.tokenizer.model_max_length());
        let conditions = UNetConditions {
            encoder_hidden_states: Tensor::zeros(
                [batch, tokens, config.cross_attention_dim.get(0)],
                (device, DType::F32),
            ),
            timestep_cond: guidance.timestep_cond(device),
            added,
        };
        // The cache has a row for each timestep, whichever they are.
        let steps = params.num_inference_steps.max(1);
        let timesteps: Vec<f64> = (0..steps).map(|step| step as f64).collect();
        let conditions = conditions.into();
        let mut denoiser =
            self.denoiser(&conditions, &timesteps, activations, networks, callbacks).await?;
        let [width, height] = params.size().map(|side| side / self.vae.scale_factor());
        let sample = kernels::dry_run_input([batch, config.in_channels, height, width], device);
        denoiser.predict(sample, timesteps[0]).await?;
        Ok(())
    }
}
