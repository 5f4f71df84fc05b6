//! Noise levels of multistep samplers with samples of variance 1: DPM-Solver, UniPC and DEIS.

use super::config::bad_steps;
use super::evaluations::{Evaluation, Evaluations};
use super::prediction::{NoiseLevel, PredictionType};
use super::sampler::SamplerOptions;
use super::sigma_curve::SigmaCurve;
use super::sigma_list::selected_list;
use super::sigmas::{SigmaTable, single};
use super::timesteps::{TimestepSpacing, spaced, trailing};
use crate::error::{Result, messages};

/// Timesteps and σ of a run.
#[derive(Debug)]
pub(super) struct MultistepPath {
    timesteps: Vec<f64>,
    /// One more than timesteps: the last is the final σ.
    pub sigmas: Vec<f64>,
}

impl MultistepPath {
    /// Returns the path of `options`: a selected list, a curve of the config, or the config's
    /// timesteps among the first `usable`. `rounds_karras`: whether the class rounds Karras'
    /// timesteps; it truncates those of the other curves. `last` returns the final σ from the
    /// lowest of a curve; lists have their own.
    pub fn new(
        options: &SamplerOptions,
        table: &SigmaTable,
        usable: usize,
        rounds_karras: bool,
        last: impl Fn(Option<f64>) -> f64,
    ) -> Result<Self> {
        let SamplerOptions { config, num_inference_steps, .. } = *options;
        let mut timesteps = whole_timesteps(options, usable)?;
        if options.sigmas.is_some_and(|sigmas| !sigmas.is_of_config())
            && let Some(sigmas) = selected_list(options, table)?
        {
            let timesteps = sigmas[..sigmas.len() - 1].iter();
            let timesteps = timesteps.map(|sigma| single(table.timestep(*sigma))).collect();
            return Ok(Self { timesteps, sigmas });
        }
        let mut sigmas: Vec<f64> = timesteps.iter().map(|timestep| table.at(*timestep)).collect();
        let curve = SigmaCurve::from_config(config)?;
        if let Some(curve) = curve {
            sigmas = curve.sigmas(config, [table.last(), table.first()], num_inference_steps);
            let nearest = rounds_karras && curve == SigmaCurve::Karras;
            let timestep = |sigma: &f64| table.timestep(*sigma);
            timesteps = sigmas
                .iter()
                .map(timestep)
                .map(|t| if nearest { t.round_ties_even() } else { t.trunc() })
                .collect();
        }
        let lowest = curve.and(sigmas.last().copied());
        sigmas.push(last(lowest));
        Ok(Self { timesteps, sigmas: sigmas.into_iter().map(single).collect() })
    }

    /// Returns an evaluation for each step.
    pub fn evaluations(&self, prediction_type: PredictionType) -> Evaluations {
        let evaluation =
            |(t, sigma): (&f64, &f64)| Evaluation::new(*t, NoiseLevel::from_sigma(*sigma));
        let list = self.timesteps.iter().zip(&self.sigmas).map(evaluation).collect();
        Evaluations::variance_preserving(list, prediction_type)
    }

    /// Returns the number of steps.
    pub fn len(&self) -> usize {
        self.timesteps.len()
    }
}

/// Returns whole timesteps. One more than requested is spaced, and the cleanest removed, except
/// with trailing spacing.
fn whole_timesteps(options: &SamplerOptions, usable: usize) -> Result<Vec<f64>> {
    let SamplerOptions { config, num_inference_steps, .. } = *options;
    config.check_steps(num_inference_steps)?;
    let train = config.train_timesteps()?;
    let spacing = TimestepSpacing::from_config(config, TimestepSpacing::Linspace)?;
    if usable <= num_inference_steps && spacing == TimestepSpacing::Leading {
        return Err(bad_steps(num_inference_steps, messages::fewer_steps(usable)));
    }
    let mut timesteps = match spacing {
        TimestepSpacing::Trailing => trailing(usable, train, num_inference_steps),
        spacing => {
            let offset = config.steps_offset.unwrap_or(0);
            let mut timesteps = spaced(spacing, usable, num_inference_steps + 1, offset);
            timesteps.pop();
            timesteps
        }
    };
    timesteps.iter_mut().for_each(|timestep| *timestep = timestep.round_ties_even());
    Ok(timesteps)
}
