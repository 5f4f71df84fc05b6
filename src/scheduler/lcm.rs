//! LCM: a latent consistency model goes from any noise level to the picture at once; each further
//! step adds fresh noise, of the next level, and goes again.
//!
//! Luo et al. 2023, <https://arxiv.org/abs/2310.04378>; diffusers `scheduling_lcm.py`.

use burn::tensor::Tensor;

use super::config::{SchedulerConfig, bad_steps, invalid, refuse};
use super::noise_schedule::NoiseSchedule;
use super::prediction::PredictionType;
use super::step::{Scheduler, StepOutput};
use crate::error::{Error, Message, Result, messages};

/// `LCMScheduler`.
pub struct Lcm {
    schedule: NoiseSchedule,
    timesteps: Vec<f64>,
    timestep_scaling: f64,
    prediction_type: PredictionType,
    clip_sample_range: Option<f64>,
}

impl Lcm {
    /// Prepares a run of at most `original_inference_steps`, 50 unless the config says otherwise.
    pub fn new(config: &SchedulerConfig, num_inference_steps: usize) -> Result<Self> {
        Self::with_strength(config, num_inference_steps, 1.0)
    }

    /// Prepares a run that begins with a picture: all steps are taken in the lower part of the schedule,
    /// as large as `strength` says, 0..=1.
    pub fn with_strength(
        config: &SchedulerConfig,
        num_inference_steps: usize,
        strength: f64,
    ) -> Result<Self> {
        refuse(&[("thresholding", config.thresholding)])?;
        // This class alone has the noise schedule of Stable Diffusion as its default.
        let config = &SchedulerConfig {
            beta_start: config.beta_start.or(Some(0.00085)),
            beta_end: config.beta_end.or(Some(0.012)),
            beta_schedule: config.beta_schedule.clone().or(Some("scaled_linear".into())),
            ..config.clone()
        };
        let prediction_type = PredictionType::of(config, &PredictionType::ALL)?;
        let schedule = NoiseSchedule::new(config)?;
        let timesteps = distilled_timesteps(config, num_inference_steps, strength)?;
        schedule.check_start(timesteps[0], prediction_type)?;
        Ok(Self {
            schedule,
            timesteps,
            timestep_scaling: config.timestep_scaling.unwrap_or(10.0),
            prediction_type,
            clip_sample_range: config
                .clip_sample
                .unwrap_or(false)
                .then_some(config.clip_sample_range.unwrap_or(1.0)),
        })
    }
}

impl Scheduler for Lcm {
    fn timesteps(&self) -> &[f64] {
        &self.timesteps
    }

    fn init_noise_sigma(&self) -> f64 {
        1.0
    }

    fn add_noise(&self, original: Tensor<4>, noise: Tensor<4>, index: usize) -> Tensor<4> {
        self.schedule.level(self.timesteps[index]).add_noise(original, noise)
    }

    fn scale_model_input(&self, sample: Tensor<4>, _index: usize) -> Tensor<4> {
        sample
    }

    /// `pred_original_sample` is diffusers' `denoised`: the consistency function's value.
    fn step(
        &mut self,
        index: usize,
        model_output: Tensor<4>,
        sample: Tensor<4>,
        noise: &mut dyn FnMut() -> Tensor<4>,
    ) -> StepOutput {
        /// Standard deviation of the data that the boundary condition is made for.
        const SIGMA_DATA: f64 = 0.5;
        let timestep = self.timesteps[index];
        let level = self.schedule.level(timestep);
        let mut x0 = self.prediction_type.original_sample(level, &model_output, &sample);
        if let Some(range) = self.clip_sample_range {
            x0 = x0.clamp(-range, range);
        }

        // f(x, t) = c_skip·x + c_out·x₀: at t = 0 it is x itself.
        let scaled = timestep * self.timestep_scaling;
        let root = scaled.hypot(SIGMA_DATA);
        let (c_skip, c_out) = ((SIGMA_DATA / root).powi(2), scaled / root);
        let denoised = x0.mul_scalar(c_out) + sample.mul_scalar(c_skip);
        let prev_sample = match self.timesteps.get(index + 1) {
            Some(next) => {
                let level = self.schedule.level(*next);
                denoised.clone().mul_scalar(level.signal) + noise().mul_scalar(level.noise)
            }
            None => denoised.clone(),
        };
        StepOutput { prev_sample, pred_original_sample: denoised }
    }
}

/// Some of the timesteps that the model was distilled on, evenly spread, noisiest first.
fn distilled_timesteps(config: &SchedulerConfig, number: usize, strength: f64) -> Result<Vec<f64>> {
    config.check_steps(number)?;
    let train = config.train_timesteps()?;
    let original = config.original_inference_steps.unwrap_or(50);
    if !(1..=train).contains(&original) {
        return Err(invalid(messages::field_is("original_inference_steps", original)));
    }
    if number > original {
        return Err(bad_steps(number, messages::lcm_steps(original)));
    }
    let stride = train / original;
    let usable = (original as f64 * strength) as usize;
    if usable < number {
        return Err(Error::InvalidRequest {
            field: "strength",
            value: Message::verbatim(strength),
            reason: messages::lcm_strength(number, number as f64 / original as f64),
        });
    }
    let spread = usable as f64 / number as f64;
    let index = |i: usize| (i as f64 * spread).floor() as usize;
    Ok((0..number).map(|i| ((usable - index(i)) * stride - 1) as f64).collect())
}
