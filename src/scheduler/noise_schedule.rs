//! Noise schedule of training.
//!
//! The tables are single precision, rounded where torch rounds them: samplers derive timesteps from
//! them, which must be the same integers. Follows `__init__` of every scheduler in diffusers
//! `schedulers/`.

use std::f64::consts::FRAC_PI_2;

use super::config::{SchedulerConfig, choice, invalid, unsupported};
use super::prediction::{NoiseLevel, PredictionType};
use crate::error::{Result, messages};

/// ᾱ(t), the share of the signal's variance at each training timestep.
#[derive(Debug, Clone)]
pub struct NoiseSchedule {
    alphas_cumprod: Vec<f32>,
}

impl NoiseSchedule {
    /// Returns the schedule of the config: its betas, and their rescaling.
    pub fn new(config: &SchedulerConfig) -> Result<Self> {
        let betas = betas(config)?;
        if let Some(beta) = betas.iter().find(|beta| !(**beta > 0.0 && **beta < 1.0)) {
            return Err(invalid(messages::beta_out_of_range(*beta)));
        }
        let mut alphas_cumprod = cumulative_product(betas.into_iter().map(|beta| 1.0 - beta));
        if config.rescale_betas_zero_snr == Some(true) {
            alphas_cumprod = rescale_zero_terminal_snr(&alphas_cumprod);
        }
        Ok(Self { alphas_cumprod })
    }

    /// Returns ᾱ at every training timestep, descending.
    pub fn alphas_cumprod(&self) -> &[f32] {
        &self.alphas_cumprod
    }

    /// Returns ᾱ at a training timestep; `after_last` if the last step is below timestep 0.
    pub(crate) fn alpha_cumprod(&self, timestep: i64, after_last: f64) -> f64 {
        usize::try_from(timestep).map_or(after_last, |timestep| {
            let timestep = timestep.min(self.alphas_cumprod.len() - 1);
            f64::from(self.alphas_cumprod[timestep])
        })
    }

    /// Returns ᾱ after the last step: 1, or that of timestep 0.
    pub(crate) fn final_alpha_cumprod(&self, set_alpha_to_one: bool) -> f64 {
        if set_alpha_to_one { 1.0 } else { self.alpha_cumprod(0, 1.0) }
    }

    /// Returns the noise level that the UNet was trained on at a training timestep.
    pub(crate) fn level(&self, timestep: f64) -> NoiseLevel {
        NoiseLevel::from_alpha_cumprod(self.alpha_cumprod(timestep as i64, 1.0))
    }

    /// Refuses zero terminal SNR with a UNet that predicts noise: x₀ = (x − ε) / 0.
    pub(super) fn check_start(&self, timestep: f64, prediction_type: PredictionType) -> Result<()> {
        if prediction_type == PredictionType::Epsilon && self.level(timestep).signal == 0.0 {
            let remedy = messages::other_scheduler_or_checkpoint();
            return Err(unsupported(messages::epsilon_without_signal(), remedy));
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum BetaSchedule {
    Linear,
    ScaledLinear,
    SquaredCos,
}

fn betas(config: &SchedulerConfig) -> Result<Vec<f32>> {
    let number = config.train_timesteps()?;
    if let Some(betas) = &config.trained_betas {
        if betas.len() != number {
            return Err(invalid(messages::trained_betas_count(betas.len(), number)));
        }
        return Ok(betas.iter().map(|beta| *beta as f32).collect());
    }
    let (start, end) = (config.beta_start.unwrap_or(0.0001), config.beta_end.unwrap_or(0.02));
    let names = [
        ("linear", BetaSchedule::Linear),
        ("scaled_linear", BetaSchedule::ScaledLinear),
        ("squaredcos_cap_v2", BetaSchedule::SquaredCos),
    ];
    Ok(match choice("beta_schedule", &config.beta_schedule, &names, BetaSchedule::Linear)? {
        BetaSchedule::Linear => linspace(start, end, number),
        // That of latent diffusion: linear in the square root.
        BetaSchedule::ScaledLinear => {
            linspace(start.sqrt(), end.sqrt(), number).into_iter().map(|root| root * root).collect()
        }
        BetaSchedule::SquaredCos => squared_cos_betas(number),
    })
}

/// Returns betas for ᾱ(t) = cos²((t + 0.008) / 1.008 · π/2), none above 0.999 (Nichol & Dhariwal
/// 2021, eq. 17, <https://arxiv.org/abs/2102.09672>).
fn squared_cos_betas(number: usize) -> Vec<f32> {
    let alpha_bar = |step: usize| {
        let t = step as f64 / number as f64;
        ((t + 0.008) / 1.008 * FRAC_PI_2).cos().powi(2)
    };
    (0..number)
        .map(|step| (1.0 - alpha_bar(step + 1) / alpha_bar(step)).min(0.999) as f32)
        .collect()
}

/// Rescales √ᾱ so that it ends at zero, with the same first value (Lin et al. 2023, algorithm 1,
/// <https://arxiv.org/abs/2305.08891>).
fn rescale_zero_terminal_snr(alphas_cumprod: &[f32]) -> Vec<f32> {
    let roots: Vec<f32> = alphas_cumprod.iter().map(|alpha| alpha.sqrt()).collect();
    let (first, last) = (roots[0], roots[roots.len() - 1]);
    let scale = first / (first - last);
    let rescaled: Vec<f32> =
        roots.iter().map(|root| (root - last) * scale).map(|root| root * root).collect();
    // diffusers converts to betas and back; the two roundings are part of its table.
    let ratios = rescaled.windows(2).map(|pair| pair[1] / pair[0]);
    let alphas = std::iter::once(rescaled[0]).chain(ratios);
    cumulative_product(alphas.map(|alpha| 1.0 - (1.0 - alpha)))
}

/// Computes torch.cumprod: accumulates in double precision, stores single precision.
fn cumulative_product(factors: impl Iterator<Item = f32>) -> Vec<f32> {
    factors
        .scan(1.0_f64, |product, factor| {
            *product *= f64::from(factor);
            Some(*product as f32)
        })
        .collect()
}

/// Computes torch.linspace in single precision: from both ends to the middle.
fn linspace(start: f64, end: f64, number: usize) -> Vec<f32> {
    let (start, end) = (start as f32, end as f32);
    let step = f64::from((end - start) / (number - 1) as f32);
    (0..number)
        .map(|i| {
            if i < number / 2 {
                (f64::from(start) + step * i as f64) as f32
            } else {
                (f64::from(end) - step * (number - 1 - i) as f64) as f32
            }
        })
        .collect()
}
