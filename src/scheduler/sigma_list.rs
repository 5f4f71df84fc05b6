//! Sigma schedules of AUTOMATIC1111's web UI and of ComfyUI, over the whole range of training.
//!
//! `modules/sd_schedulers.py` of the web UI, `comfy/samplers.py` of ComfyUI,
//! `k_diffusion/sampling.py`.

use super::sampler::SamplerOptions;
use super::sigma_curve::{SigmaCurve, beta_quantile};
use super::sigma_schedule::SigmaSchedule;
use super::sigmas::{SigmaTable, single};
use crate::error::Result;

/// Noise levels of Sabour et al. 2024 (<https://arxiv.org/abs/2404.14507>) for Stable Diffusion 1.5.
const ALIGN_YOUR_STEPS: [f64; 11] =
    [14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0.029];

/// The same for SDXL.
const ALIGN_YOUR_STEPS_XL: [f64; 11] =
    [14.615, 6.315, 3.771, 2.181, 1.342, 0.862, 0.555, 0.380, 0.234, 0.113, 0.029];

/// Returns the noise levels of the schedule that the user selected, from the highest to the final
/// one, in single precision; `None` if there is none, or if it selects timesteps. Some have a step
/// more or fewer than asked for.
pub(super) fn selected_list(
    options: &SamplerOptions,
    table: &SigmaTable,
) -> Result<Option<Vec<f64>>> {
    let SamplerOptions { config, num_inference_steps: n, is_sdxl, .. } = *options;
    let Some(schedule) = options.sigmas else { return Ok(None) };
    let ends @ [highest, _] = [table.last(), table.first()];
    let curve = |curve: SigmaCurve| curve.sigmas(config, ends, n);
    let stride = 1.0 / (n.max(2) - 1) as f64;
    let sigmas: Vec<f64> = match schedule {
        SigmaSchedule::Karras => curve(SigmaCurve::Karras),
        SigmaSchedule::Exponential | SigmaSchedule::Polyexponential => {
            curve(SigmaCurve::Exponential)
        }
        SigmaSchedule::Beta => curve(SigmaCurve::Beta),
        SigmaSchedule::Uniform | SigmaSchedule::Normal => even_timesteps(table, n, n),
        SigmaSchedule::SgmUniform => even_timesteps(table, n + 1, n),
        SigmaSchedule::Simple => {
            let stride = table.len() as f64 / n as f64;
            (0..n).map(|i| table.whole(table.len() - 1 - (i as f64 * stride) as usize)).collect()
        }
        SigmaSchedule::DdimUniform => {
            let stride = (table.len() / n).max(1);
            let mut sigmas: Vec<_> = (1..table.len()).step_by(stride).collect();
            sigmas.reverse();
            sigmas.into_iter().map(|timestep| table.whole(timestep)).collect()
        }
        SigmaSchedule::AlignYourSteps => {
            log_linear(if is_sdxl { &ALIGN_YOUR_STEPS_XL } else { &ALIGN_YOUR_STEPS }, n)
        }
        SigmaSchedule::KlOptimal => {
            let stride = 1.0 / n as f64;
            let sigmas = (0..=n).map(|i| even_in_arctan(ends, i as f64 * stride));
            return Ok(Some(sigmas.map(single).collect()));
        }
        SigmaSchedule::KlOptimalComfyui => {
            (0..n).map(|i| even_in_arctan(ends, i as f64 * stride)).collect()
        }
        SigmaSchedule::LinearQuadratic => {
            linear_quadratic(n).into_iter().map(|share| share * highest).collect()
        }
        SigmaSchedule::BetaComfyui => {
            let quantile = |i: usize| beta_quantile(1.0 - i as f64 / n as f64);
            let last = (table.len() - 1) as f64;
            let mut timesteps: Vec<_> =
                (0..n).map(|i| (quantile(i) * last).round_ties_even() as usize).collect();
            timesteps.dedup();
            timesteps.into_iter().map(|timestep| table.whole(timestep)).collect()
        }
        SigmaSchedule::Leading | SigmaSchedule::Linspace | SigmaSchedule::Trailing => {
            return Ok(None);
        }
    };
    table.finish(sigmas, config).map(Some)
}

/// Returns σ at the first `number` of `points` timesteps that are even between both ends, the
/// highest first; between whole timesteps linear in ln σ.
fn even_timesteps(table: &SigmaTable, points: usize, number: usize) -> Vec<f64> {
    let last = (table.len() - 1) as f64;
    let stride = last / (points.max(2) - 1) as f64;
    (0..number).map(|i| table.at_log_linear(last - i as f64 * stride)).collect()
}

/// Returns `number` levels through those of a table, linear in ln σ.
fn log_linear(levels: &[f64], number: usize) -> Vec<f64> {
    let last = (levels.len() - 1) as f64;
    let stride = last / (number.max(2) - 1) as f64;
    let at = |place: f64| {
        let low = (place as usize).min(levels.len() - 2);
        let (from, to) = (levels[low].ln(), levels[low + 1].ln());
        (from + (to - from) * (place - low as f64)).exp()
    };
    (0..number).map(|i| at(i as f64 * stride)).collect()
}

/// Returns tan((1−u)·arctan σ_max + u·arctan σ_min).
fn even_in_arctan([highest, lowest]: [f64; 2], u: f64) -> f64 {
    (u * lowest.atan() + (1.0 - u) * highest.atan()).tan()
}

/// Returns shares of the highest σ: the first half of the steps goes down linearly by 0.025, the
/// second half quadratically (ComfyUI's `linear_quadratic_schedule`, from Mochi).
pub(super) fn linear_quadratic(number: usize) -> Vec<f64> {
    const THRESHOLD: f64 = 0.025;
    if number == 1 {
        return vec![1.0];
    }
    let steps = number as f64;
    let linear = (number / 2) as f64;
    let quadratic = steps - linear;
    let difference = linear - THRESHOLD * steps;
    let a = difference / (linear * quadratic * quadratic);
    let b = THRESHOLD / linear - 2.0 * difference / (quadratic * quadratic);
    let c = a * linear * linear;
    (0..number)
        .map(|i| i as f64)
        .map(|i| 1.0 - if i < linear { i * THRESHOLD / linear } else { (a * i + b) * i + c })
        .collect()
}
