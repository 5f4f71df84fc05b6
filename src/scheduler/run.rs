//! What a sampler works with: the denoiser, the noise and the caller's callback.

use burn::tensor::Tensor;

use super::evaluations::Evaluations;
use super::prediction::Prediction;
use crate::error::Result;

/// A network that predicts from a noisy sample what it was trained to predict: noise, velocity or x₀.
///
/// Whatever changes the prediction is a denoiser around another: guidance, extra input channels.
#[allow(async_fn_in_trait)] // Everything runs on one thread: no `Send` bound is wanted.
pub trait Denoiser {
    /// Predicts for `sample` `[b, c, h, w]`, scaled to the variance that the network knows, at `timestep`:
    /// `[b, c, h, w]`, f32.
    ///
    /// # Errors
    /// Whatever ends the run.
    async fn predict(&mut self, sample: Tensor<4>, timestep: f64) -> Result<Tensor<4>>;
}

/// The state of a run after an evaluation of the network.
#[derive(Debug, Clone)]
pub struct Evaluated {
    /// Index of the evaluation, into [`Evaluations`].
    pub index: usize,
    /// The sample of the next evaluation, or the run's result, `[b, c, h, w]`.
    pub latents: Tensor<4>,
    /// The noise-free latents as this evaluation predicts them, `[b, c, h, w]`: what a preview shows.
    pub pred_original_sample: Tensor<4>,
}

/// The caller's callback after each evaluation: progress, previews, inpainting, cancelling.
#[allow(async_fn_in_trait)] // Everything runs on one thread: no `Send` bound is wanted.
pub trait OnEvaluated {
    /// Returns the latents to go on with, `[b, c, h, w]`: those of `state`, or others in their place.
    ///
    /// # Errors
    /// Whatever ends the run.
    async fn evaluated(&mut self, state: Evaluated) -> Result<Tensor<4>>;
}

/// One walk of a sampler from noise to latents.
pub struct Run<'a, D, C> {
    /// Where the network is evaluated.
    pub evaluations: &'a Evaluations,
    /// The network.
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

    /// Tells the callback that evaluation `index` is done, and returns the latents to go on with.
    pub(super) async fn evaluated(
        &mut self,
        index: usize,
        latents: Tensor<4>,
        pred_original_sample: Tensor<4>,
    ) -> Result<Tensor<4>> {
        self.callback.evaluated(Evaluated { index, latents, pred_original_sample }).await
    }
}
