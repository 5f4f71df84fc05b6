//! DDIM: deterministic steps between any two timesteps, or with `eta` up to those of DDPM.
//!
//! Song et al. 2020, <https://arxiv.org/abs/2010.02502>; diffusers `scheduling_ddim.py`.

use burn::tensor::Tensor;

use super::config::{SchedulerConfig, refuse};
use super::noise_schedule::NoiseSchedule;
use super::prediction::{NoiseLevel, PredictionType};
use super::step::{Scheduler, StepOutput};
use super::timesteps;
use crate::error::{Error, Message, Result, messages};

/// `DDIMScheduler`.
pub struct Ddim {
    timesteps: Vec<f64>,
    /// ᾱ at each step and at the step after it.
    alphas: Vec<(f64, f64)>,
    prediction_type: PredictionType,
    clip_sample_range: Option<f64>,
    eta: f64,
}

impl Ddim {
    /// Prepares a run. `eta` is the share of DDPM's noise that each step adds, from 0 to 1.
    pub fn new(config: &SchedulerConfig, num_inference_steps: usize, eta: f64) -> Result<Self> {
        if !(0.0..=1.0).contains(&eta) {
            let (value, reason) = (Message::verbatim(eta), messages::from_zero_to_one());
            return Err(Error::InvalidRequest { field: "eta", value, reason });
        }
        refuse(&[("thresholding", config.thresholding)])?;
        let prediction_type = PredictionType::of(config, &PredictionType::ALL)?;
        let schedule = NoiseSchedule::new(config)?;
        let timesteps = timesteps::whole(config, num_inference_steps)?;
        schedule.check_start(timesteps[0], prediction_type)?;
        let stride = (config.train_timesteps()? / num_inference_steps) as i64;
        let last = schedule.final_alpha_cumprod(config.set_alpha_to_one.unwrap_or(true));
        let alphas = timesteps.iter().map(|t| *t as i64);
        let alphas = alphas
            .map(|t| (schedule.alpha_cumprod(t, last), schedule.alpha_cumprod(t - stride, last)));
        Ok(Self {
            alphas: alphas.collect(),
            timesteps,
            prediction_type,
            clip_sample_range: config
                .clip_sample
                .unwrap_or(true)
                .then_some(config.clip_sample_range.unwrap_or(1.0)),
            eta,
        })
    }
}

impl Scheduler for Ddim {
    fn timesteps(&self) -> &[f64] {
        &self.timesteps
    }

    fn init_noise_sigma(&self) -> f64 {
        1.0
    }

    fn add_noise(&self, original: Tensor<4>, noise: Tensor<4>, index: usize) -> Tensor<4> {
        NoiseLevel::from_alpha_cumprod(self.alphas[index].0).add_noise(original, noise)
    }

    fn scale_model_input(&self, sample: Tensor<4>, _index: usize) -> Tensor<4> {
        sample
    }

    fn step(
        &mut self,
        index: usize,
        model_output: Tensor<4>,
        sample: Tensor<4>,
        noise: &mut dyn FnMut() -> Tensor<4>,
    ) -> StepOutput {
        let (alpha, alpha_prev) = self.alphas[index];
        let level = NoiseLevel::from_alpha_cumprod(alpha);
        let epsilon = self.prediction_type.epsilon(level, &model_output, &sample);
        let mut x0 = self.prediction_type.original_sample(level, &model_output, &sample);
        if let Some(range) = self.clip_sample_range {
            x0 = x0.clamp(-range, range);
        }

        // Eq. 16: σ = η √((1−ᾱ')/(1−ᾱ)) √(1−ᾱ/ᾱ').
        let variance = (1.0 - alpha_prev) / (1.0 - alpha) * (1.0 - alpha / alpha_prev);
        let sigma = self.eta * variance.max(0.0).sqrt();
        // Eq. 12: x' = √ᾱ'·x₀ + √(1−ᾱ'−σ²)·ε + σ·z.
        let direction = (1.0 - alpha_prev - sigma * sigma).max(0.0).sqrt();
        let mut prev_sample =
            x0.clone().mul_scalar(alpha_prev.sqrt()) + epsilon.mul_scalar(direction);
        if self.eta > 0.0 {
            prev_sample = prev_sample + noise().mul_scalar(sigma);
        }
        StepOutput { prev_sample, pred_original_sample: x0 }
    }
}
