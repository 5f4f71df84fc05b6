//! Sigmas of samplers with samples x₀ + σ·ε.

use burn::tensor::Tensor;

use super::config::SchedulerConfig;
use super::evaluations::{Evaluation, Evaluations};
use super::noise_schedule::NoiseSchedule;
use super::prediction::{NoiseLevel, PredictionType};
use super::sigma_curve::SigmaCurve;
use super::sigmas::{SigmaTable, single};
use super::timesteps::{TimestepSpacing, spaced};
use crate::error::Result;

/// σ of each step, from the highest to the final σ.
#[derive(Debug)]
pub(super) struct SigmaPath {
    timesteps: Vec<f64>,
    init_noise_sigma: f64,
    /// One more than timesteps: the last is the final σ.
    sigmas: Vec<f64>,
    table: SigmaTable,
}

impl SigmaPath {
    /// Returns the sigmas of `num_inference_steps` steps with this `config`.
    pub fn new(config: &SchedulerConfig, num_inference_steps: usize) -> Result<Self> {
        config.check_steps(num_inference_steps)?;
        let table = SigmaTable::new(&NoiseSchedule::new(config)?);
        let spacing = TimestepSpacing::from_config(config, TimestepSpacing::Linspace)?;
        let train = config.train_timesteps()?;
        let offset = config.steps_offset.unwrap_or(0);
        let mut timesteps = spaced(spacing, train, num_inference_steps, offset);
        timesteps.iter_mut().for_each(|timestep| *timestep = single(*timestep));
        let mut sigmas: Vec<f64> = timesteps.iter().map(|timestep| table.at(*timestep)).collect();
        if let Some(curve) = SigmaCurve::from_config(config)? {
            let ends = [sigmas[0], sigmas[sigmas.len() - 1]];
            sigmas = curve.sigmas(config, ends, num_inference_steps);
            timesteps = sigmas.iter().map(|sigma| single(table.timestep(*sigma))).collect();
        }
        let sigmas = table.finish(sigmas, config)?;
        let highest = sigmas.iter().copied().fold(0.0, f64::max);
        let init_noise_sigma = match spacing {
            TimestepSpacing::Linspace | TimestepSpacing::Trailing => highest,
            // The signal at the noisiest of these timesteps counts, too.
            TimestepSpacing::Leading => highest.hypot(1.0),
        };
        Ok(Self { timesteps, init_noise_sigma, sigmas, table })
    }

    /// Rounds the timesteps to integers.
    pub fn round_timesteps(&mut self) {
        self.timesteps.iter_mut().for_each(|timestep| *timestep = timestep.round_ties_even());
    }

    /// Returns σ at each step and at the next.
    pub fn steps(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.sigmas.windows(2).map(|pair| (pair[0], pair[1]))
    }

    /// Returns the first evaluation of each step.
    pub fn levels(&self) -> impl Iterator<Item = Evaluation> + '_ {
        let levels = self.sigmas.iter().map(|sigma| Self::level(*sigma));
        self.timesteps.iter().zip(levels).map(|(timestep, level)| Evaluation::new(*timestep, level))
    }

    /// Returns evaluations with one for each step.
    pub fn evaluations(&self, prediction_type: PredictionType) -> Evaluations {
        let list = self.levels().collect();
        Evaluations::variance_exploding(list, self.init_noise_sigma, prediction_type)
    }

    /// Returns the standard deviation of the initial latents.
    pub fn init_noise_sigma(&self) -> f64 {
        self.init_noise_sigma
    }

    /// Returns the fractional timestep of `sigma`.
    pub fn timestep(&self, sigma: f64) -> f64 {
        single(self.table.timestep(sigma))
    }

    /// Returns the level of a sample x₀ + σ·ε.
    pub fn level(sigma: f64) -> NoiseLevel {
        NoiseLevel { signal: 1.0, noise: sigma }
    }
}

/// Returns dx/dσ = (x − x₀) / σ, `[b, c, h, w]`. From a high σ the step x + dx/dσ·(σ' − σ)
/// subtracts nearly equal numbers: the order of operations is diffusers', so that the rounding is
/// the same.
pub(super) fn derivative(sample: &Tensor<4>, x0: &Tensor<4>, sigma: f64) -> Tensor<4> {
    (sample.clone() - x0.clone()).div_scalar(sigma)
}
