//! Timesteps of a run.
//!
//! Table 2 of Lin et al. 2023 (<https://arxiv.org/abs/2305.08891>), with the rounding of diffusers'
//! `set_timesteps`.

use super::config::{SchedulerConfig, bad_steps, choice};
use crate::error::{Result, messages};

/// Spacing of the timesteps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum TimestepSpacing {
    /// Evenly, with both ends.
    Linspace,
    /// Whole strides from the clean end, without the noisiest timestep.
    Leading,
    /// Strides from the noisy end, without timestep 0.
    Trailing,
}

impl TimestepSpacing {
    /// Returns the config's spacing, or the scheduler's default.
    pub fn from_config(config: &SchedulerConfig, default: Self) -> Result<Self> {
        let names = [
            ("linspace", Self::Linspace),
            ("leading", Self::Leading),
            ("trailing", Self::Trailing),
        ];
        choice("timestep_spacing", &config.timestep_spacing, &names, default)
    }
}

/// Returns `number` of `train` timesteps, noisiest first; fractions with linspace.
pub(crate) fn spaced(
    spacing: TimestepSpacing,
    train: usize,
    number: usize,
    steps_offset: usize,
) -> Vec<f64> {
    match spacing {
        TimestepSpacing::Linspace => linspace(train, number),
        TimestepSpacing::Leading => {
            let stride = train / number;
            (0..number).rev().map(|i| (i * stride + steps_offset) as f64).collect()
        }
        TimestepSpacing::Trailing => trailing(train, train, number),
    }
}

/// Returns whole timesteps, all within the training timesteps, noisiest first: DDIM's and PNDM's.
pub(crate) fn whole(config: &SchedulerConfig, number: usize) -> Result<Vec<f64>> {
    config.check_steps(number)?;
    let train = config.train_timesteps()?;
    let spacing = TimestepSpacing::from_config(config, TimestepSpacing::Leading)?;
    let timesteps = spaced(spacing, train, number, config.steps_offset.unwrap_or(0));
    let timesteps: Vec<f64> = timesteps.into_iter().map(f64::round_ties_even).collect();
    if timesteps[0] >= train as f64 {
        return Err(bad_steps(number, messages::first_timestep_beyond(timesteps[0], train)));
    }
    Ok(timesteps)
}

/// Returns `number` strides of `train` downwards from `start`, each rounded, minus one.
///
/// For some numbers, such as 61, rounding makes diffusers append timestep -1, which indexes its
/// tables from the wrong end. That step is omitted here.
pub(crate) fn trailing(start: usize, train: usize, number: usize) -> Vec<f64> {
    let start = start as f64;
    // As numpy.arange: the stride is what remains of it after one addition.
    let stride = start - (start - train as f64 / number as f64);
    (0..number)
        .map(|i| (start - i as f64 * stride).round_ties_even() - 1.0)
        .take_while(|timestep| *timestep >= 0.0)
        .collect()
}

/// Returns values from `train - 1` to 0; a single one is 0.
fn linspace(train: usize, number: usize) -> Vec<f64> {
    let stop = (train - 1) as f64;
    let stride = stop / (number.max(2) - 1) as f64;
    (0..number)
        .rev()
        .map(|i| if i + 1 == number && i > 0 { stop } else { i as f64 * stride })
        .collect()
}
