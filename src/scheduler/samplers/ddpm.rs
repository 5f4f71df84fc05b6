//! DDPM sampler: the posterior of the training process.
//!
//! With α = ᾱ/ᾱ' and β = 1 − α: x' = √ᾱ'·β/(1−ᾱ)·x₀ + √α·(1−ᾱ')/(1−ᾱ)·x + √((1−ᾱ')/(1−ᾱ)·β)·z.
//!
//! Ho et al. 2020, <https://arxiv.org/abs/2006.11239>, eq. 7; diffusers `scheduling_ddpm.py`.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::scheduler::alpha_step::AlphaStep;
use crate::scheduler::config::{choice, refuse};
use crate::scheduler::evaluations::Evaluations;
use crate::scheduler::noise_schedule::NoiseSchedule;
use crate::scheduler::prediction::PredictionType;
use crate::scheduler::run::{Denoiser, OnEvaluated, Run};
use crate::scheduler::sampler::{Sampler, SamplerOptions};
use crate::scheduler::timesteps;

/// `DDPMScheduler`.
#[derive(Debug)]
pub struct Ddpm {
    steps: Vec<AlphaStep>,
    evaluations: Evaluations,
    clip_sample_range: Option<f64>,
    /// Whether the noise has the variance β instead of the posterior's.
    is_large: bool,
}

impl Sampler for Ddpm {
    fn new(options: &SamplerOptions) -> Result<Self> {
        let config = options.config;
        refuse(&[("thresholding", config.thresholding)])?;
        let variances = [("fixed_small", false), ("fixed_large", true)];
        let is_large = choice("variance_type", &config.variance_type, &variances, false)?;
        let prediction_type = PredictionType::from_config(config, &PredictionType::ALL)?;
        let schedule = NoiseSchedule::new(config)?;
        let steps = match AlphaStep::selected(options, &schedule)? {
            Some(steps) => steps,
            None => {
                let timesteps = timesteps::whole(config, options.num_inference_steps)?;
                schedule.check_start(timesteps[0], prediction_type)?;
                let alpha = |timestep: f64| schedule.alpha_cumprod(timestep as i64, 1.0);
                let next = timesteps.iter().copied().skip(1).chain([-1.0]);
                let step = |(timestep, next): (&f64, f64)| AlphaStep {
                    timestep: *timestep,
                    alpha: alpha(*timestep),
                    alpha_next: alpha(next),
                };
                timesteps.iter().zip(next).map(step).collect()
            }
        };
        let evaluations = AlphaStep::evaluations(&steps, prediction_type);
        Ok(Self { evaluations, steps, clip_sample_range: config.clip_range(true), is_large })
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
        for (index, step) in self.steps.iter().enumerate().skip(begin) {
            let AlphaStep { timestep, alpha, alpha_next } = *step;
            let prediction = run.predict(index, &x).await?;
            let x0 = prediction.clipped_original_sample(self.clip_sample_range);
            let beta = 1.0 - alpha / alpha_next;
            let kept = (alpha / alpha_next).sqrt() * (1.0 - alpha_next) / (1.0 - alpha);
            let added = alpha_next.sqrt() * beta / (1.0 - alpha);
            let mut prev_sample = x0.clone().mul_scalar(added) + x.mul_scalar(kept);
            // At timestep 0 no noise is drawn.
            if timestep > 0.0 {
                let posterior = (1.0 - alpha_next) / (1.0 - alpha) * beta;
                let variance = if self.is_large { beta } else { posterior };
                let noise = run.noise_of_alphas(alpha, alpha_next);
                prev_sample = prev_sample + noise.mul_scalar(variance.max(0.0).sqrt());
            }
            x = run.evaluated(index, prev_sample, x0).await?;
        }
        Ok(x)
    }
}
