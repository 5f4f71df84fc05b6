//! Euler's method on the probability flow ODE dx/dσ = (x − x₀(x, σ)) / σ.
//!
//! Karras et al. 2022, <https://arxiv.org/abs/2206.00364>, algorithm 1 without its correction;
//! diffusers `scheduling_euler_discrete.py`.

use burn::tensor::Tensor;

use super::config::{SchedulerConfig, choice, refuse};
use super::noise_schedule::NoiseSchedule;
use super::prediction::{NoiseLevel, PredictionType};
use super::sigmas::{SigmaTable, karras, single};
use super::step::{Scheduler, StepOutput};
use super::timesteps::{TimestepSpacing, spaced};
use crate::error::Result;

/// `EulerDiscreteScheduler`.
pub struct Euler {
    path: EulerPath,
    prediction_type: PredictionType,
}

impl Euler {
    /// Prepares a run.
    pub fn new(config: &SchedulerConfig, num_inference_steps: usize) -> Result<Self> {
        refuse(&[
            ("use_exponential_sigmas", config.use_exponential_sigmas),
            ("use_beta_sigmas", config.use_beta_sigmas),
        ])?;
        choice("interpolation_type", &config.interpolation_type, &[("linear", ())], ())?;
        let prediction_type = PredictionType::of(config, &PredictionType::ALL)?;
        if prediction_type == PredictionType::VPrediction {
            // Without v_prediction the class ignores it.
            choice("timestep_type", &config.timestep_type, &[("discrete", ())], ())?;
        }
        Ok(Self { path: EulerPath::new(config, num_inference_steps)?, prediction_type })
    }
}

impl Scheduler for Euler {
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
        _noise: &mut dyn FnMut() -> Tensor<4>,
    ) -> StepOutput {
        let (sigma, sigma_next) = self.path.sigmas(index);
        let level = EulerPath::level(sigma);
        let x0 = self.prediction_type.original_sample(level, &model_output, &sample);
        let prev_sample = EulerPath::step(sample, x0.clone(), sigma, sigma_next);
        StepOutput { prev_sample, pred_original_sample: x0 }
    }
}

/// The noise levels that both of Euler's samplers walk, in samples x₀ + σ·ε.
pub(crate) struct EulerPath {
    pub timesteps: Vec<f64>,
    pub init_noise_sigma: f64,
    /// One more than timesteps: the last is where the walk ends.
    sigmas: Vec<f64>,
}

impl EulerPath {
    pub fn new(config: &SchedulerConfig, num_inference_steps: usize) -> Result<Self> {
        config.check_steps(num_inference_steps)?;
        let table = SigmaTable::new(&NoiseSchedule::new(config)?);
        let spacing = TimestepSpacing::of(config, TimestepSpacing::Linspace)?;
        let train = config.train_timesteps()?;
        let offset = config.steps_offset.unwrap_or(0);
        let mut timesteps = spaced(spacing, train, num_inference_steps, offset);
        timesteps.iter_mut().for_each(|timestep| *timestep = single(*timestep));
        let mut sigmas: Vec<f64> = timesteps.iter().map(|timestep| table.at(*timestep)).collect();
        if config.use_karras_sigmas == Some(true) {
            let (highest, lowest) = (sigmas[0], sigmas[sigmas.len() - 1]);
            sigmas = karras(config, highest, lowest, num_inference_steps);
            timesteps = sigmas.iter().map(|sigma| single(table.timestep(*sigma))).collect();
        }
        let sigmas = table.finish(sigmas, config)?;
        let highest = sigmas.iter().copied().fold(0.0, f64::max);
        let init_noise_sigma = match spacing {
            TimestepSpacing::Linspace | TimestepSpacing::Trailing => highest,
            // What the noisiest of these timesteps leaves of the picture counts too.
            TimestepSpacing::Leading => highest.hypot(1.0),
        };
        Ok(Self { timesteps, init_noise_sigma, sigmas })
    }

    /// σ at a step and at the one after it.
    pub fn sigmas(&self, index: usize) -> (f64, f64) {
        (self.sigmas[index], self.sigmas[index + 1])
    }

    pub fn level(sigma: f64) -> NoiseLevel {
        NoiseLevel { signal: 1.0, noise: sigma }
    }

    /// The UNet was trained on samples of variance 1.
    pub fn scale_model_input(&self, sample: Tensor<4>, index: usize) -> Tensor<4> {
        sample.div_scalar(self.sigmas[index].hypot(1.0))
    }

    /// x + (x − x₀)/σ·(σ' − σ). From a high σ this subtracts nearly equal numbers: diffusers' order of
    /// operations is kept so that the rounding is the same.
    pub fn step(sample: Tensor<4>, x0: Tensor<4>, sigma: f64, sigma_next: f64) -> Tensor<4> {
        let derivative = (sample.clone() - x0).div_scalar(sigma);
        sample + derivative.mul_scalar(sigma_next - sigma)
    }
}
