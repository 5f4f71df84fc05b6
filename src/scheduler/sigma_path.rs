//! Sigmas of samplers with samples x₀ + σ·ε.

use burn::tensor::Tensor;

use super::evaluations::{Evaluation, Evaluations};
use super::noise_schedule::NoiseSchedule;
use super::prediction::{NoiseLevel, PredictionType};
use super::sampler::SamplerOptions;
use super::sigma_curve::SigmaCurve;
use super::sigma_list::selected_list;
use super::sigma_schedule::SigmaSchedule;
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
    /// Returns the sigmas of `options`: a selected list, or those of the config as diffusers reads
    /// it.
    pub fn new(options: &SamplerOptions) -> Result<Self> {
        let SamplerOptions { config, num_inference_steps, .. } = *options;
        config.check_steps(num_inference_steps)?;
        let schedule = NoiseSchedule::new(config)?;
        let spacing = TimestepSpacing::from_config(config, TimestepSpacing::Linspace)?;
        let init_noise_sigma = |highest: f64| match spacing {
            TimestepSpacing::Linspace | TimestepSpacing::Trailing => highest,
            // The signal at the noisiest of these timesteps counts, too.
            TimestepSpacing::Leading => highest.hypot(1.0),
        };
        let of_web_ui = SigmaTable::of_web_ui(&schedule);
        if options.sigmas.is_some_and(|sigmas| !sigmas.is_of_config())
            && let Some(sigmas) = selected_list(options, &of_web_ui)?
        {
            return Ok(Self::from_list(sigmas, of_web_ui, init_noise_sigma));
        }
        let table = SigmaTable::new(&schedule);
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
        Ok(Self { timesteps, init_noise_sigma: init_noise_sigma(highest), sigmas, table })
    }

    /// Returns the sigmas of a sampler without a class in diffusers: a selected schedule spans the
    /// whole range of training and the run begins with noise of its highest σ, as in
    /// AUTOMATIC1111's web UI. Otherwise the same as [`Self::new`].
    pub fn over_whole_range(options: &SamplerOptions) -> Result<Self> {
        let config = options.config;
        config.check_steps(options.num_inference_steps)?;
        let table = SigmaTable::of_web_ui(&NoiseSchedule::new(config)?);
        match selected_list(options, &table)? {
            Some(sigmas) => Ok(Self::from_list(sigmas, table, |highest| highest)),
            None => Self::new(options),
        }
    }

    /// Returns the path through `sigmas`, which include the final one.
    fn from_list(sigmas: Vec<f64>, table: SigmaTable, init: impl Fn(f64) -> f64) -> Self {
        let timesteps = sigmas[..sigmas.len() - 1].iter();
        let timesteps = timesteps.map(|sigma| single(table.timestep(*sigma))).collect();
        let init_noise_sigma = init(sigmas.iter().copied().fold(0.0, f64::max));
        Self { timesteps, init_noise_sigma, sigmas, table }
    }

    /// Returns [`Self::over_whole_range`] of one more step, without the lowest σ above the final
    /// one, for a selected list.
    pub fn without_penultimate(options: &SamplerOptions) -> Result<Self> {
        let most = options.config.train_timesteps()?;
        let num_inference_steps = options.num_inference_steps;
        let spacing = options.sigmas.is_none_or(|s| SigmaSchedule::SPACINGS.contains(&s));
        if spacing || num_inference_steps >= most {
            return Self::over_whole_range(options);
        }
        let more = SamplerOptions {
            num_inference_steps: num_inference_steps.saturating_add(1),
            ..options.clone()
        };
        options.config.check_steps(num_inference_steps)?;
        let mut path = Self::over_whole_range(&more)?;
        if path.timesteps.len() > 1 {
            path.timesteps.pop();
            path.sigmas.remove(path.sigmas.len() - 2);
        }
        Ok(path)
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
            .within(self.range())
    }

    /// Returns evaluations with a second one in each step, except in a step to σ = 0. `second`
    /// returns its σ from the levels at the step's two ends.
    pub fn two_stages(
        &self,
        prediction_type: PredictionType,
        second: impl Fn(f64, f64) -> f64,
    ) -> Evaluations {
        let steps: Vec<_> = self.levels().zip(self.steps()).collect();
        self.stages(steps, prediction_type, second)
    }

    /// Returns the same for other steps within the path's range.
    pub fn two_stages_of(
        &self,
        steps: &[(f64, f64)],
        prediction_type: PredictionType,
        second: impl Fn(f64, f64) -> f64,
    ) -> Evaluations {
        let steps = steps.iter().map(|step| (self.evaluation(step.0), *step)).collect();
        self.stages(steps, prediction_type, second)
    }

    fn stages(
        &self,
        steps: Vec<(Evaluation, (f64, f64))>,
        prediction_type: PredictionType,
        second: impl Fn(f64, f64) -> f64,
    ) -> Evaluations {
        let stages = steps.into_iter().flat_map(|(first, (sigma, sigma_next))| {
            let second = (sigma_next > 0.0).then(|| self.evaluation(second(sigma, sigma_next)));
            std::iter::once(first).chain(second)
        });
        let list = stages.collect();
        Evaluations::variance_exploding(list, self.init_noise_sigma, prediction_type)
            .per_step(2)
            .within(self.range())
    }

    /// Returns an evaluation at `sigma`.
    pub fn evaluation(&self, sigma: f64) -> Evaluation {
        Evaluation::new(self.timestep(sigma), Self::level(sigma))
    }

    /// Returns the lowest σ above 0 and the highest.
    fn range(&self) -> [f64; 2] {
        let positive = self.sigmas.iter().copied().filter(|sigma| *sigma > 0.0);
        let lowest = positive.clone().fold(f64::INFINITY, f64::min);
        [lowest, positive.fold(0.0, f64::max)]
    }

    /// Returns the final σ.
    pub fn final_sigma(&self) -> f64 {
        self.sigmas[self.sigmas.len() - 1]
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
