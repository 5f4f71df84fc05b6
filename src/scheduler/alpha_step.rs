//! Steps between two ᾱ of samplers with samples √ᾱ·x₀ + √(1−ᾱ)·ε.

use super::evaluations::{Evaluation, Evaluations};
use super::noise_schedule::NoiseSchedule;
use super::prediction::{NoiseLevel, PredictionType};
use super::sampler::SamplerOptions;
use super::sigma_list::selected_list;
use super::sigmas::{SigmaTable, single};
use crate::error::Result;

/// A step from ᾱ to a higher one.
#[derive(Debug, Clone, Copy)]
pub(super) struct AlphaStep {
    /// Timestep for the network.
    pub timestep: f64,
    /// ᾱ at the step's beginning.
    pub alpha: f64,
    /// ᾱ at its end.
    pub alpha_next: f64,
}

impl AlphaStep {
    /// Returns the steps through the sigma schedule that the user selected, if it is not one of
    /// timesteps: ᾱ = 1 / (1 + σ²), at fractional timesteps.
    pub fn selected(
        options: &SamplerOptions,
        schedule: &NoiseSchedule,
    ) -> Result<Option<Vec<Self>>> {
        options.config.check_steps(options.num_inference_steps)?;
        let table = SigmaTable::new(schedule);
        let alpha = |sigma: f64| 1.0 / (1.0 + sigma * sigma);
        let step = |pair: &[f64]| AlphaStep {
            timestep: single(table.timestep(pair[0])),
            alpha: alpha(pair[0]),
            alpha_next: alpha(pair[1]),
        };
        Ok(selected_list(options, &table)?.map(|sigmas| sigmas.windows(2).map(step).collect()))
    }

    /// Returns an evaluation at the beginning of each step.
    pub fn evaluations(steps: &[Self], prediction_type: PredictionType) -> Evaluations {
        let evaluation = |step: &Self| {
            Evaluation::new(step.timestep, NoiseLevel::from_alpha_cumprod(step.alpha))
        };
        Evaluations::variance_preserving(steps.iter().map(evaluation).collect(), prediction_type)
    }
}
