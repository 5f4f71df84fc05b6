//! Sigmas of the training timesteps.
//!
//! σ = √((1−ᾱ)/ᾱ), noise per signal, is the variable of Karras et al. 2022
//! (<https://arxiv.org/abs/2206.00364>).

use super::config::{SchedulerConfig, choice};
use super::noise_schedule::NoiseSchedule;
use crate::error::Result;

/// σ at each training timestep, ascending.
#[derive(Debug, Clone)]
pub(crate) struct SigmaTable {
    sigmas: Vec<f32>,
    log_sigmas: Vec<f32>,
}

/// ᾱ in place of 0 at the last timestep, where σ would be infinite with zero terminal SNR: in diffusers
/// the smallest number of half precision, σ = 4096; in AUTOMATIC1111's web UI, Forge and ComfyUI what
/// half precision makes of σ, 4519 (`rescale_zero_terminal_snr_abar`).
const LAST_ALPHA: f32 = 5.960_464_5e-8;
const LAST_ALPHA_OF_WEB_UI: f32 = 4.897_345e-8;

impl SigmaTable {
    /// Returns σ as diffusers has it.
    pub fn new(schedule: &NoiseSchedule) -> Self {
        Self::with_last_alpha(schedule, LAST_ALPHA)
    }

    /// Returns σ as the web UI has it, to which its lists of noise levels belong.
    pub fn of_web_ui(schedule: &NoiseSchedule) -> Self {
        Self::with_last_alpha(schedule, LAST_ALPHA_OF_WEB_UI)
    }

    fn with_last_alpha(schedule: &NoiseSchedule, last: f32) -> Self {
        let nonzero = |alpha: f32| if alpha == 0.0 { last } else { alpha };
        let sigma = |alpha: f32| ((1.0 - alpha) / alpha).sqrt();
        let sigmas: Vec<f32> =
            schedule.alphas_cumprod().iter().copied().map(nonzero).map(sigma).collect();
        let log_sigmas = sigmas.iter().map(|sigma| f64::from(*sigma).ln() as f32).collect();
        Self { sigmas, log_sigmas }
    }

    /// Returns σ at a timestep, which may be a fraction: linear interpolation (`np.interp`).
    pub fn at(&self, timestep: f64) -> f64 {
        let last = self.sigmas.len() - 1;
        let timestep = timestep.clamp(0.0, last as f64);
        let low = (timestep as usize).min(last - 1);
        let (from, to) = (f64::from(self.sigmas[low]), f64::from(self.sigmas[low + 1]));
        from + (to - from) * (timestep - low as f64)
    }

    /// Returns the fractional timestep of `sigma`: linear in log σ (`_sigma_to_t`).
    pub fn timestep(&self, sigma: f64) -> f64 {
        let log_sigma = sigma.max(1e-10).ln();
        let not_above = self.log_sigmas.partition_point(|log| f64::from(*log) <= log_sigma);
        let index = not_above.saturating_sub(1).min(self.log_sigmas.len() - 2);
        let (low, high) = (self.log_sigmas[index], self.log_sigmas[index + 1]);
        let weight = ((f64::from(low) - log_sigma) / f64::from(low - high)).clamp(0.0, 1.0);
        (1.0 - weight) * index as f64 + weight * (index + 1) as f64
    }

    /// Returns σ at a timestep, which may be a fraction: linear in ln σ (`t_to_sigma` of
    /// k-diffusion).
    pub fn at_log_linear(&self, timestep: f64) -> f64 {
        let last = self.sigmas.len() - 1;
        let timestep = timestep.clamp(0.0, last as f64);
        let low = (timestep as usize).min(last - 1);
        let (from, to) = (f64::from(self.log_sigmas[low]), f64::from(self.log_sigmas[low + 1]));
        (from + (to - from) * (timestep - low as f64)).exp()
    }

    /// Returns σ at a whole training timestep.
    pub fn whole(&self, timestep: usize) -> f64 {
        f64::from(self.sigmas[timestep.min(self.sigmas.len() - 1)])
    }

    /// Returns the number of training timesteps.
    pub fn len(&self) -> usize {
        self.sigmas.len()
    }

    /// Returns the lowest σ.
    pub fn first(&self) -> f64 {
        f64::from(self.sigmas[0])
    }

    /// Returns the highest σ.
    pub fn last(&self) -> f64 {
        f64::from(self.sigmas[self.sigmas.len() - 1])
    }

    /// Returns the number of training timesteps with a log signal-to-noise ratio −ln σ of at least
    /// `lambda_min`.
    pub fn clipped_len(&self, lambda_min: f64) -> usize {
        self.log_sigmas.iter().filter(|log| -f64::from(**log) >= lambda_min).count()
    }

    /// Appends the final σ, and rounds all to single precision, as torch does.
    pub fn finish(&self, mut sigmas: Vec<f64>, config: &SchedulerConfig) -> Result<Vec<f64>> {
        let ends = [("zero", 0.0), ("sigma_min", self.first())];
        sigmas.push(choice("final_sigmas_type", &config.final_sigmas_type, &ends, 0.0)?);
        Ok(sigmas.into_iter().map(single).collect())
    }
}

/// Rounds to single precision.
pub(super) fn single(value: f64) -> f64 {
    f64::from(value as f32)
}
