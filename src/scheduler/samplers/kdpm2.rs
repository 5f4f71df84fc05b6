//! DPM-Solver-2 of k-diffusion.
//!
//! Each step follows the derivative at the geometric mean of its two noise levels, which an Euler
//! step reaches.
//!
//! Karras et al. 2022, <https://arxiv.org/abs/2206.00364>, algorithm 2 without its noise;
//! k-diffusion `sample_dpm_2`; diffusers `scheduling_k_dpm_2_discrete.py`.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::scheduler::evaluations::{Evaluation, Evaluations};
use crate::scheduler::prediction::PredictionType;
use crate::scheduler::run::{Denoiser, OnEvaluated, Run};
use crate::scheduler::sampler::{Sampler, SamplerOptions};
use crate::scheduler::sigma_path::{self, SigmaPath};
use crate::scheduler::sigmas::single;

/// `KDPM2DiscreteScheduler`.
#[derive(Debug)]
pub struct Kdpm2 {
    path: SigmaPath,
    evaluations: Evaluations,
}

impl Sampler for Kdpm2 {
    fn new(options: &SamplerOptions) -> Result<Self> {
        let (path, prediction_type) = path(options)?;
        let mut list = Vec::new();
        for (evaluation, (sigma, sigma_next)) in path.levels().zip(path.steps()) {
            list.push(evaluation);
            if sigma_next > 0.0 {
                let middle = middle(sigma, sigma_next);
                let level = SigmaPath::level(middle);
                // Between the two evaluations of a step, the class's `add_noise` also uses the
                // noise level of the step's end.
                let add_noise_level = SigmaPath::level(sigma_next);
                list.push(Evaluation { timestep: path.timestep(middle), level, add_noise_level });
            }
        }
        let sigma = path.init_noise_sigma();
        Ok(Self {
            evaluations: Evaluations::variance_exploding(list, sigma, prediction_type).per_step(2),
            path,
        })
    }

    fn evaluations(&self) -> &Evaluations {
        &self.evaluations
    }

    async fn sample<D: Denoiser, C: OnEvaluated>(
        &self,
        run: &mut Run<'_, D, C>,
        begin: usize,
        mut x: Tensor<4>,
    ) -> Result<Tensor<4>> {
        for (step, (sigma, sigma_next)) in self.path.steps().enumerate().skip(begin / 2) {
            // 1. Euler step to the middle; the last step goes to the end.
            let index = 2 * step;
            let x0 = run.predict(index, &x).await?.original_sample();
            let derivative = sigma_path::derivative(&x, &x0, sigma);
            let is_last = index + 1 == self.evaluations.len();
            let sigma_mid = if is_last { sigma_next } else { middle(sigma, sigma_next) };
            let mid = x.clone() + derivative.mul_scalar(sigma_mid - sigma);
            let mid = run.evaluated(index, mid, x0).await?;
            if is_last {
                return Ok(mid);
            }

            // 2. The whole step along the middle's derivative.
            let x0 = run.predict(index + 1, &mid).await?.original_sample();
            let derivative = sigma_path::derivative(&mid, &x0, sigma_mid);
            let prev_sample = x + derivative.mul_scalar(sigma_next - sigma);
            x = run.evaluated(index + 1, prev_sample, x0).await?;
        }
        Ok(x)
    }
}

/// Returns the noise levels of both classes, and what their networks predict.
pub(super) fn path(options: &SamplerOptions) -> Result<(SigmaPath, PredictionType)> {
    let config = &options.config.for_second_order_samplers();
    let prediction_type = PredictionType::from_config(config, &PredictionType::ALL[..2])?;
    let mut path = SigmaPath::new(&SamplerOptions { config, ..options.clone() })?;
    if config.use_karras_sigmas == Some(true) {
        // The classes round these, and only these, to whole timesteps.
        path.round_timesteps();
    }
    Ok((path, prediction_type))
}

/// Returns the geometric mean of two noise levels, with logarithms in single precision as in
/// diffusers.
pub(super) fn middle(sigma: f64, sigma_next: f64) -> f64 {
    let (log, log_next) = (single(sigma.ln()) as f32, single(sigma_next.ln()) as f32);
    single(f64::from(log - (log - log_next) * 0.5).exp())
}
