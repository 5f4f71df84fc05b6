//! The denoising loop: the one loop that every task runs.

use burn::tensor::{DType, Tensor};

use super::guidance::Guidance;
use super::host::{Boundary, Event, Host};
use super::inpaint::Known;
use super::preview::Preview;
use super::schedule::Schedule;
use crate::error::Result;
use crate::model::{UNet2DConditionModel, UNetConditions};

/// What stays the same in all steps.
pub struct Conditions<'a> {
    /// What the prediction depends on; with guidance for a batch of `2b`, negative half first.
    pub unet_conditions: UNetConditions,
    /// What the UNet sees beside the latents, `[b, c', h, w]`: a mask and a picture, for inpainting.
    pub extra_channels: Option<Tensor<4>>,
    /// What is put back into the latents after each step.
    pub known: Option<Known>,
    /// How strongly the prompt is followed.
    pub guidance: Guidance,
    /// The number format that flows between the UNet's layers.
    pub activations: DType,
    /// How latents become previews, if that is known.
    pub preview: Option<&'a Preview>,
}

/// Walks `latents` `[b, c, h, w]` from noise to picture along the scheduler's timesteps, from where the
/// schedule begins.
///
/// `noise` draws what stochastic schedulers add. Between any two blocks of the network `host` may
/// breathe or end the run; after each step it is told.
///
/// # Errors
/// What `host` ends the run with, or a preview that the device cannot give back.
pub async fn denoise(
    unet: &UNet2DConditionModel,
    conditions: &Conditions<'_>,
    schedule: &mut Schedule,
    mut latents: Tensor<4>,
    noise: &mut dyn FnMut() -> Tensor<4>,
    host: &impl Host,
) -> Result<Tensor<4>> {
    let Conditions { unet_conditions, extra_channels, known, guidance, activations, preview } =
        conditions;
    let boundary = Boundary::new(host);
    let timesteps = schedule.timesteps().to_vec();
    let Schedule { scheduler, begin } = schedule;
    let prepared = unet.prepare(&timesteps, unet_conditions, *activations);
    for (done, index) in (*begin..).take(timesteps.len()).enumerate() {
        // 1. The UNet sees both halves of the guidance at once.
        let mut input = scheduler.scale_model_input(latents.clone(), index);
        if let Some(extra) = extra_channels {
            input = Tensor::cat(vec![input, extra.clone()], 1);
        }
        let input = guidance.expand(input);

        // 2. It predicts the noise.
        let noise_pred = unet
            .forward(input, &prepared, done, &boundary)
            .await
            .map_err(|interrupted| boundary.reason(interrupted))?;

        // 3. The scheduler takes a part of it away.
        let output = scheduler.step(index, guidance.combine(noise_pred), latents, noise);
        latents = output.prev_sample;

        // 4. What is not to be painted anew is put back.
        let next = Some(index + 1).filter(|_| done + 1 < timesteps.len());
        if let Some(known) = known {
            latents = known.put_back(latents, &**scheduler, next);
        }

        // 5. Whoever waits is told.
        let preview = match preview {
            Some(preview) if host.wants_preview() => {
                let guess = match known {
                    Some(known) => known.put_back(output.pred_original_sample, &**scheduler, None),
                    None => output.pred_original_sample,
                };
                Some(preview.picture(guess, host).await?)
            }
            _ => None,
        };
        host.report(Event::Step { done: done + 1, total: timesteps.len(), preview });
        host.breathe().await?;
    }
    Ok(latents)
}
