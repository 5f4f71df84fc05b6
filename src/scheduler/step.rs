//! What every scheduler can do.

use burn::tensor::Tensor;

/// What one step gives.
pub struct StepOutput {
    /// The less noisy latents, `[b, c, h, w]`: the sample of the next step.
    pub prev_sample: Tensor<4>,
    /// The scheduler's present guess at the noise-free latents, `[b, c, h, w]`: what a preview shows.
    pub pred_original_sample: Tensor<4>,
}

/// A prepared sampler: made for one run with a fixed number of steps, it walks its timesteps once,
/// from noise to picture.
///
/// Steps are addressed by their index into [`Scheduler::timesteps`], because some samplers visit a
/// timestep twice (PNDM).
pub trait Scheduler {
    /// The timesteps to give to the UNet, noisiest first. Euler's may be fractions.
    fn timesteps(&self) -> &[f64];

    /// The standard deviation that the first latents must have.
    fn init_noise_sigma(&self) -> f64;

    /// `original` as noisy as the sample of step `index` is, with this `noise`. `[b, c, h, w]` all.
    fn add_noise(&self, original: Tensor<4>, noise: Tensor<4>, index: usize) -> Tensor<4>;

    /// The sample as the UNet wants to see it at step `index`. `[b, c, h, w]`.
    fn scale_model_input(&self, sample: Tensor<4>, index: usize) -> Tensor<4>;

    /// Goes from step `index` to the next with what the UNet predicted (after guidance).
    ///
    /// `noise` draws a standard normal tensor of the sample's shape from the run's generator; only
    /// stochastic samplers call it, exactly as often as their diffusers counterpart does.
    fn step(
        &mut self,
        index: usize,
        model_output: Tensor<4>,
        sample: Tensor<4>,
        noise: &mut dyn FnMut() -> Tensor<4>,
    ) -> StepOutput;
}
