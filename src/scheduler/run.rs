//! Run of a sampler: denoiser, noise and callback.

use burn::tensor::Tensor;

use super::evaluations::Evaluations;
use super::prediction::Prediction;
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

/// One run of a sampler from noise to latents.
pub struct Run<'a, D, C> {
    /// Evaluations of the run.
    pub evaluations: &'a Evaluations,
    /// Network.
    pub denoiser: &'a mut D,
    /// Draws a standard normal tensor of the sample's shape from the run's generator.
    pub noise: &'a mut dyn FnMut() -> Tensor<4>,
    /// Called after each evaluation.
    pub callback: &'a mut C,
}

impl<D: Denoiser, C: OnEvaluated> Run<'_, D, C> {
    /// Evaluates the network on `sample` `[b, c, h, w]` at evaluation `index`.
    pub(super) async fn predict(&mut self, index: usize, sample: &Tensor<4>) -> Result<Prediction> {
        let evaluation = self.evaluations.at(index);
        let input = self.evaluations.scale_model_input(sample.clone(), index);
        Ok(Prediction {
            prediction_type: self.evaluations.prediction_type(),
            level: evaluation.level,
            model_output: self.denoiser.predict(input, evaluation.timestep).await?,
            sample: sample.clone(),
        })
    }

    /// Calls the callback after evaluation `index`, and returns the latents for the next.
    pub(super) async fn evaluated(
        &mut self,
        index: usize,
        latents: Tensor<4>,
        pred_original_sample: Tensor<4>,
    ) -> Result<Tensor<4>> {
        self.callback.evaluated(Evaluated { index, latents, pred_original_sample }).await
    }
}
