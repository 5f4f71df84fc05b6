//! Euler ancestral: a step of Euler's method that goes lower than asked, then fresh noise back up.
//!
//! From k-diffusion (`sample_euler_ancestral`, <https://github.com/crowsonkb/k-diffusion>);
//! diffusers `scheduling_euler_ancestral_discrete.py`.

use burn::tensor::Tensor;

use super::config::SchedulerConfig;
use super::euler::EulerPath;
use super::prediction::PredictionType;
use super::step::{Scheduler, StepOutput};
use crate::error::Result;

/// `EulerAncestralDiscreteScheduler`.
pub struct EulerAncestral {
    path: EulerPath,
    prediction_type: PredictionType,
}

impl EulerAncestral {
    /// Prepares a run.
    pub fn new(config: &SchedulerConfig, num_inference_steps: usize) -> Result<Self> {
        // The class has no such options.
        let config =
            &SchedulerConfig { use_karras_sigmas: None, final_sigmas_type: None, ..config.clone() };
        Ok(Self {
            path: EulerPath::new(config, num_inference_steps)?,
            prediction_type: PredictionType::of(config, &PredictionType::ALL[..2])?,
        })
    }
}

impl Scheduler for EulerAncestral {
    fn timesteps(&self) -> &[f64] {
        &self.path.timesteps
    }

    fn init_noise_sigma(&self) -> f64 {
        self.path.init_noise_sigma
    }

    fn add_noise(&self, original: Tensor<4>, noise: Tensor<4>, index: usize) -> Tensor<4> {
        EulerPath::level(self.path.sigmas(index).0).add_noise(original, noise)
    }

    fn scale_model_input(&self, sample: Tensor<4>, index: usize) -> Tensor<4> {
        self.path.scale_model_input(sample, index)
    }

    fn step(
        &mut self,
        index: usize,
        model_output: Tensor<4>,
        sample: Tensor<4>,
        noise: &mut dyn FnMut() -> Tensor<4>,
    ) -> StepOutput {
        let (sigma, sigma_next) = self.path.sigmas(index);
        // σ'² = σ_down² + σ_up², with σ_up the noise that DDPM's step would add.
        let sigma_up = sigma_next * (1.0 - (sigma_next / sigma).powi(2)).max(0.0).sqrt();
        let sigma_down = sigma_next * sigma_next / sigma;
        let level = EulerPath::level(sigma);
        let x0 = self.prediction_type.original_sample(level, &model_output, &sample);
        let down = EulerPath::step(sample, x0.clone(), sigma, sigma_down);
        StepOutput { prev_sample: down + noise().mul_scalar(sigma_up), pred_original_sample: x0 }
    }
}
