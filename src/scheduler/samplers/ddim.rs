//! DDIM sampler, or with `eta` 1 DDPM.
//!
//! Song et al. 2020, <https://arxiv.org/abs/2010.02502>; diffusers `scheduling_ddim.py`.

use burn::tensor::Tensor;

use crate::error::{Error, Message, Result, messages};
use crate::scheduler::alpha_step::AlphaStep;
use crate::scheduler::config::refuse;
use crate::scheduler::evaluations::Evaluations;
use crate::scheduler::noise_schedule::NoiseSchedule;
use crate::scheduler::prediction::PredictionType;
use crate::scheduler::run::{Denoiser, OnEvaluated, Run};
use crate::scheduler::sampler::{Sampler, SamplerOptions};
use crate::scheduler::timesteps;

/// `DDIMScheduler`.
#[derive(Debug)]
pub struct Ddim {
    evaluations: Evaluations,
    steps: Vec<AlphaStep>,
    clip_sample_range: Option<f64>,
    eta: f64,
}

impl Sampler for Ddim {
    fn new(options: &SamplerOptions) -> Result<Self> {
        let SamplerOptions { config, num_inference_steps, eta, .. } = *options;
        if !(0.0..=1.0).contains(&eta) {
            let (value, reason) = (Message::verbatim(eta), messages::from_zero_to_one());
            return Err(Error::InvalidRequest { field: "eta", value, reason });
        }
        refuse(&[("thresholding", config.thresholding)])?;
        let prediction_type = PredictionType::from_config(config, &PredictionType::ALL)?;
        let schedule = NoiseSchedule::new(config)?;
        let last = schedule.final_alpha_cumprod(config.set_alpha_to_one.unwrap_or(true));
        let steps = match AlphaStep::selected(options, &schedule)? {
            Some(steps) => steps,
            None => {
                let stride = (config.train_timesteps()? / num_inference_steps) as i64;
                let timesteps = timesteps::whole(config, num_inference_steps)?;
                schedule.check_start(timesteps[0], prediction_type)?;
                let alpha = |timestep: i64| schedule.alpha_cumprod(timestep, last);
                let step = |timestep: f64| AlphaStep {
                    timestep,
                    alpha: alpha(timestep as i64),
                    alpha_next: alpha(timestep as i64 - stride),
                };
                timesteps.into_iter().map(step).collect()
            }
        };
        Ok(Self {
            evaluations: AlphaStep::evaluations(&steps, prediction_type),
            steps,
            clip_sample_range: config.clip_range(true),
            eta,
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
        for (index, step) in self.steps.iter().enumerate().skip(begin) {
            let AlphaStep { alpha, alpha_next: alpha_prev, .. } = *step;
            let prediction = run.predict(index, &x).await?;
            let epsilon = prediction.epsilon();
            let x0 = prediction.clipped_original_sample(self.clip_sample_range);

            // Eq. 16: σ = η √((1−ᾱ')/(1−ᾱ)) √(1−ᾱ/ᾱ').
            let variance = (1.0 - alpha_prev) / (1.0 - alpha) * (1.0 - alpha / alpha_prev);
            let sigma = self.eta * variance.max(0.0).sqrt();
            // Eq. 12: x' = √ᾱ'·x₀ + √(1−ᾱ'−σ²)·ε + σ·z.
            let direction = (1.0 - alpha_prev - sigma * sigma).max(0.0).sqrt();
            let mut prev_sample =
                x0.clone().mul_scalar(alpha_prev.sqrt()) + epsilon.mul_scalar(direction);
            if self.eta > 0.0 {
                prev_sample =
                    prev_sample + run.noise_of_alphas(alpha, alpha_prev).mul_scalar(sigma);
            }
            x = run.evaluated(index, prev_sample, x0).await?;
        }
        Ok(x)
    }
}
