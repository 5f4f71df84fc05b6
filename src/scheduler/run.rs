//! Run of a sampler: denoiser, noise and callback.

use burn::tensor::Tensor;

use super::evaluations::{Evaluation, Evaluations};
use super::prediction::{NoiseLevel, Prediction};
use crate::error::Result;

/// A network that predicts noise, velocity or x₀ from a noisy sample, as it was trained.
///
/// Wrappers that change the prediction are denoisers, too: guidance, extra input channels.
#[allow(async_fn_in_trait)] // Everything runs on one thread: no `Send` bound is wanted.
pub trait Denoiser {
    /// Predicts for `sample` `[b, c, h, w]`, scaled to the variance that the network was trained
    /// on, at `timestep`: `[b, c, h, w]`, f32.
    ///
    /// # Errors
    /// Any error ends the run.
    async fn predict(&mut self, sample: Tensor<4>, timestep: f64) -> Result<Tensor<4>>;
}

/// State of a run after an evaluation of the network.
#[derive(Debug, Clone)]
pub struct Evaluated {
    /// Index of the evaluation, into [`Evaluations`].
    pub index: usize,
    /// Sample of the next evaluation, or the run's result, `[b, c, h, w]`.
    pub latents: Tensor<4>,
    /// Noise level of `latents`.
    pub level: NoiseLevel,
    /// x₀ as predicted by this evaluation, `[b, c, h, w]`, for previews.
    pub pred_original_sample: Tensor<4>,
}

/// The caller's callback after each evaluation: progress, previews, inpainting, cancellation.
#[allow(async_fn_in_trait)] // Everything runs on one thread: no `Send` bound is wanted.
pub trait OnEvaluated {
    /// Returns the latents for the next evaluation, `[b, c, h, w]`: those of `state`, or modified
    /// ones.
    ///
    /// # Errors
    /// Any error ends the run.
    async fn evaluated(&mut self, state: Evaluated) -> Result<Tensor<4>>;
}

/// Noise that a sampler adds.
pub trait Noise {
    /// Returns a standard normal tensor of the sample's shape, for the step from `sigma` to
    /// `sigma_next`, noise per signal both. A source without memory ignores them.
    fn between(&mut self, sigma: f64, sigma_next: f64) -> Tensor<4>;
}

/// Independent draws.
impl<F: FnMut() -> Tensor<4>> Noise for F {
    fn between(&mut self, _sigma: f64, _sigma_next: f64) -> Tensor<4> {
        self()
    }
}

/// One run of a sampler from noise to latents.
pub struct Run<'a, D, C> {
    /// Evaluations of the run.
    pub evaluations: &'a Evaluations,
    /// Network.
    pub denoiser: &'a mut D,
    /// Noise that the sampler adds.
    pub noise: &'a mut dyn Noise,
    /// Called after each evaluation.
    pub callback: &'a mut C,
}

impl<D: Denoiser, C: OnEvaluated> Run<'_, D, C> {
    /// Evaluates the network on `sample` `[b, c, h, w]` at evaluation `index`.
    pub(super) async fn predict(&mut self, index: usize, sample: &Tensor<4>) -> Result<Prediction> {
        self.predict_at(self.evaluations.at(index), sample).await
    }

    /// Evaluates the network on `sample` `[b, c, h, w]` at an evaluation that is not in the list.
    pub(super) async fn predict_at(
        &mut self,
        evaluation: Evaluation,
        sample: &Tensor<4>,
    ) -> Result<Prediction> {
        let input = self.evaluations.scale_to_input(sample.clone(), evaluation.level);
        Ok(Prediction {
            prediction_type: self.evaluations.prediction_type(),
            level: evaluation.level,
            model_output: self.denoiser.predict(input, evaluation.timestep).await?,
            sample: sample.clone(),
        })
    }

    /// Returns noise for a step from ᾱ = `alpha` to `alpha_next`, `[b, c, h, w]`.
    pub(super) fn noise_of_alphas(&mut self, alpha: f64, alpha_next: f64) -> Tensor<4> {
        let sigma = |alpha| NoiseLevel::from_alpha_cumprod(alpha).sigma();
        self.noise.between(sigma(alpha), sigma(alpha_next))
    }

    /// Calls the callback after evaluation `index`, and returns the latents for the next.
    pub(super) async fn evaluated(
        &mut self,
        index: usize,
        latents: Tensor<4>,
        pred_original_sample: Tensor<4>,
    ) -> Result<Tensor<4>> {
        let level = self.evaluations.add_noise_level(index + 1);
        self.callback.evaluated(Evaluated { index, latents, level, pred_original_sample }).await
    }

    /// Calls the callback with latents that have another level than the list says.
    pub(super) async fn evaluated_at(
        &mut self,
        index: usize,
        latents: Tensor<4>,
        level: NoiseLevel,
        pred_original_sample: Tensor<4>,
    ) -> Result<Tensor<4>> {
        self.callback.evaluated(Evaluated { index, latents, level, pred_original_sample }).await
    }
}
