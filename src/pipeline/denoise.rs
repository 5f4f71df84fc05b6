//! Denoising loop with inpainting, previews, progress and cancellation.

use burn::tensor::Tensor;

use super::callbacks::{Callbacks, PipelineEvent};
use super::inpaint::KnownLatents;
use super::preview::Preview;
use super::schedule::Schedule;
use crate::error::Result;
use crate::scheduler::{Denoiser, Evaluated, Evaluations, Noise, NoiseLevel, OnEvaluated};

/// Options of [`denoise`].
pub struct DenoiseOptions<'a, H> {
    /// Latents to blend in after each evaluation.
    pub known: Option<&'a KnownLatents>,
    /// Preview decoder, if the model has one.
    pub preview: Option<&'a Preview>,
    /// Receives progress and previews, and may cancel the run.
    pub callbacks: &'a H,
}

/// Denoises `latents` `[b, c, h, w]` with the sampler of `schedule`, from its `begin_index`.
///
/// `noise` is what stochastic samplers add.
///
/// # Errors
/// An error of `callbacks` or `denoiser`, or of reading a preview back from the device.
pub async fn denoise<H: Callbacks>(
    denoiser: &mut impl Denoiser,
    schedule: &Schedule,
    latents: Tensor<4>,
    noise: &mut dyn Noise,
    options: DenoiseOptions<'_, H>,
) -> Result<Tensor<4>> {
    let Schedule { sampler, begin_index } = schedule;
    let (begin_index, total) = (*begin_index, schedule.steps());
    let evaluations = sampler.evaluations();
    let mut hook = EvaluationHook { options, evaluations, begin_index, total };
    sampler.sample(denoiser, &mut hook, noise, begin_index, latents).await
}

struct EvaluationHook<'a, H> {
    options: DenoiseOptions<'a, H>,
    evaluations: &'a Evaluations,
    begin_index: usize,
    /// Steps of the run.
    total: usize,
}

impl<H: Callbacks> OnEvaluated for EvaluationHook<'_, H> {
    async fn evaluated(&mut self, state: Evaluated) -> Result<Tensor<4>> {
        let Evaluated { index, mut latents, level, pred_original_sample } = state;
        let DenoiseOptions { known, preview, callbacks } = self.options;

        // 1. Blend the known latents back in (inpainting).
        if let Some(known) = known {
            latents = known.blend(latents, level);
        }
        if !self.evaluations.ends_step(self.begin_index, index) {
            return Ok(latents);
        }

        // 2. Report each whole step.
        let preview = match preview {
            Some(preview) if callbacks.wants_preview() => {
                let sample = match known {
                    Some(known) => known.blend(pred_original_sample, NoiseLevel::CLEAN),
                    None => pred_original_sample,
                };
                Some(preview.decode(sample, callbacks).await?)
            }
            _ => None,
        };
        let done = self.evaluations.steps_done(self.begin_index, index);
        callbacks.report(PipelineEvent::Step { done, total: self.total, preview });
        callbacks.yield_now().await?;
        Ok(latents)
    }
}
