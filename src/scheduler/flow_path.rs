//! Noise levels of flow matching: samples (1−σ)·x₀ + σ·ε.

use super::config::{SchedulerConfig, invalid};
use super::evaluations::{Evaluation, Evaluations};
use super::prediction::{NoiseLevel, PredictionType};
use super::sampler::SamplerOptions;
use super::sampler_row::is_of_flow;
use super::sigma_curve::SigmaCurve;
use super::sigma_list::linear_quadratic;
use super::sigma_schedule::SigmaSchedule;
use super::sigmas::single;
use crate::error::{Result, messages};

/// σ of each step, from 1 or below to 0.
#[derive(Debug)]
pub(super) struct FlowPath {
    sigmas: Vec<f64>,
    train: f64,
}

impl FlowPath {
    /// Returns the path of the config: σ even between the shifted ends of training, shifted again
    /// (diffusers does both), then stretched or curved if the config or the user says so.
    pub fn new(options: &SamplerOptions) -> Result<Self> {
        let SamplerOptions { config, num_inference_steps: n, .. } = *options;
        config.check_steps(n)?;
        let shift = config.shift.unwrap_or(1.0);
        if !(shift > 0.0 && shift.is_finite()) {
            return Err(invalid(messages::field_is("shift", shift)));
        }
        let train = config.train_timesteps()? as f64;
        let shifted = |sigma: f64| shift * sigma / (1.0 + (shift - 1.0) * sigma);
        let ends = [1.0, 1.0 / train].map(shifted).map(single);
        let stride = (ends[0] - ends[1]) / (n.max(2) - 1) as f64;
        let even = (0..n).map(|i| ends[0] - i as f64 * stride);
        let mut sigmas: Vec<f64> = even.map(shifted).collect();
        if let Some(terminal) = config.shift_terminal.filter(|terminal| *terminal != 0.0 && n > 1) {
            let scale = (1.0 - sigmas[n - 1]) / (1.0 - terminal);
            sigmas.iter_mut().for_each(|sigma| *sigma = 1.0 - (1.0 - *sigma) / scale);
        }
        if let Some(curve) = SigmaCurve::from_config(config)? {
            sigmas = curve.sigmas(config, [sigmas[0], sigmas[n - 1]], n);
        }
        if options.sigmas == Some(SigmaSchedule::LinearQuadratic) {
            sigmas = linear_quadratic(n);
        }
        sigmas.push(0.0);
        Ok(Self { sigmas: sigmas.into_iter().map(single).collect(), train })
    }

    /// Returns σ at each step and at the next.
    pub fn steps(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.sigmas.windows(2).map(|pair| (pair[0], pair[1]))
    }

    /// Returns an evaluation for each step.
    pub fn evaluations(&self) -> Evaluations {
        let list = self.steps().map(|(sigma, _)| self.evaluation(sigma)).collect();
        Evaluations::variance_preserving(list, PredictionType::Flow)
    }

    /// Returns evaluations at both ends of each step but the last, which has one.
    pub fn two_stages(&self) -> Evaluations {
        let list = self.steps().flat_map(|(sigma, sigma_next)| {
            let second = (sigma_next > 0.0).then(|| self.evaluation(sigma_next));
            std::iter::once(self.evaluation(sigma)).chain(second)
        });
        Evaluations::variance_preserving(list.collect(), PredictionType::Flow).per_step(2)
    }

    /// The timestep is σ as a share of training.
    fn evaluation(&self, sigma: f64) -> Evaluation {
        let level = NoiseLevel { signal: 1.0 - sigma, noise: sigma };
        Evaluation::new(single(sigma * self.train), level)
    }
}

impl SchedulerConfig {
    /// Returns whether the network was trained by flow matching.
    pub(super) fn is_flow(&self) -> bool {
        let is_class = self.class_name.as_deref().is_some_and(is_of_flow);
        is_class || self.prediction_type.as_deref() == Some("flow_prediction")
    }
}
