//! What happens between the evaluations of a run: inpainting, previews, progress, cancelling.

use burn::tensor::Tensor;

use super::host::{Event, Host};
use super::inpaint::Known;
use super::preview::Preview;
use super::schedule::Schedule;
use crate::error::Result;
use crate::scheduler::{Denoiser, Evaluated, Evaluations, OnEvaluated};

/// What the loop does beside denoising.
pub struct DenoiseOptions<'a, H> {
    /// What is put back into the latents after each evaluation.
    pub known: Option<&'a Known>,
    /// How latents become previews, if that is known.
    pub preview: Option<&'a Preview>,
    /// Receives progress and previews, and may end the run.
    pub host: &'a H,
}

/// Denoises `latents` `[b, c, h, w]` with the sampler of `schedule`, from where the schedule begins.
///
/// `noise` draws what stochastic samplers add.
///
/// # Errors
/// What `host` or `denoiser` ends the run with, or a preview that the device cannot give back.
pub async fn denoise<H: Host>(
    denoiser: &mut impl Denoiser,
    schedule: &Schedule,
    latents: Tensor<4>,
    noise: &mut dyn FnMut() -> Tensor<4>,
    options: DenoiseOptions<'_, H>,
) -> Result<Tensor<4>> {
    let Schedule { sampler, begin } = schedule;
    let (begin, total) = (*begin, schedule.steps());
    let mut callback = Callback { options, evaluations: sampler.evaluations(), begin, total };
    sampler.sample(denoiser, &mut callback, noise, begin, latents).await
}

struct Callback<'a, H> {
    options: DenoiseOptions<'a, H>,
    evaluations: &'a Evaluations,
    begin: usize,
    /// Steps of the run.
    total: usize,
}

impl<H: Host> OnEvaluated for Callback<'_, H> {
    async fn evaluated(&mut self, state: Evaluated) -> Result<Tensor<4>> {
        let Evaluated { index, mut latents, pred_original_sample } = state;
        let DenoiseOptions { known, preview, host } = self.options;

        // 1. What is not to be painted anew is put back.
        if let Some(known) = known {
            let next = Some(index + 1).filter(|next| *next < self.evaluations.len());
            latents = known.put_back(latents, self.evaluations, next);
        }
        if !self.evaluations.ends_step(self.begin, index) {
            return Ok(latents);
        }

        // 2. The host gets the progress of each whole step.
        let preview = match preview {
            Some(preview) if host.wants_preview() => {
                let guess = match known {
                    Some(known) => known.put_back(pred_original_sample, self.evaluations, None),
                    None => pred_original_sample,
                };
                Some(preview.picture(guess, host).await?)
            }
            _ => None,
        };
        let done = self.evaluations.steps_done(self.begin, index);
        host.report(Event::Step { done, total: self.total, preview });
        host.breathe().await?;
        Ok(latents)
    }
}
