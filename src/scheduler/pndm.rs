//! PNDM: pseudo numerical methods. Each step moves along the noise predicted by an Adams–Bashforth
//! combination of the last four predictions (PLMS); the history is begun either by Runge–Kutta steps
//! (PRK, four evaluations each, three times) or, with `skip_prk_steps`, by lower orders and by
//! visiting the second timestep twice.
//!
//! Liu et al. 2022, <https://arxiv.org/abs/2202.09778>, eq. 9, 12, 13;
//! diffusers `scheduling_pndm.py`.

use burn::tensor::Tensor;

use super::config::{SchedulerConfig, bad_steps};
use super::noise_schedule::NoiseSchedule;
use super::prediction::{NoiseLevel, PredictionType};
use super::step::{Scheduler, StepOutput};
use super::timesteps;
use crate::error::{Result, messages};

/// `PNDMScheduler`.
///
/// Where it is in its method depends on the number of steps done, not on their indices: a run that
/// begins in the middle begins with the low orders, as in diffusers.
pub struct Pndm {
    schedule: NoiseSchedule,
    final_alpha_cumprod: f64,
    prediction_type: PredictionType,
    timesteps: Vec<f64>,
    /// The first so many steps are Runge–Kutta's.
    prk_steps: usize,
    /// Training timesteps between two steps.
    stride: i64,
    /// Steps done.
    counter: usize,
    /// The last predictions, newest last.
    ets: Vec<Tensor<4>>,
    /// The sample that several evaluations start from.
    cur_sample: Option<Tensor<4>>,
    /// The sum of Runge–Kutta's evaluations so far.
    cur_model_output: Option<Tensor<4>>,
}

impl Pndm {
    /// Prepares a run.
    pub fn new(config: &SchedulerConfig, num_inference_steps: usize) -> Result<Self> {
        // The class has no such option.
        let config = &SchedulerConfig { rescale_betas_zero_snr: None, ..config.clone() };
        let schedule = NoiseSchedule::new(config)?;
        let spaced = timesteps::whole(config, num_inference_steps)?;
        let stride = config.train_timesteps()? / num_inference_steps;
        let skip_prk_steps = config.skip_prk_steps.unwrap_or(false);
        Ok(Self {
            final_alpha_cumprod: schedule
                .final_alpha_cumprod(config.set_alpha_to_one.unwrap_or(false)),
            prediction_type: PredictionType::of(config, &PredictionType::ALL[..2])?,
            timesteps: if skip_prk_steps {
                plms_timesteps(spaced)
            } else {
                prk_timesteps(spaced, stride)?
            },
            prk_steps: if skip_prk_steps { 0 } else { PRK_STEPS },
            stride: stride as i64,
            schedule,
            counter: 0,
            ets: Vec::new(),
            cur_sample: None,
            cur_model_output: None,
        })
    }

    /// One of the four evaluations of a Runge–Kutta step: two in the middle, two at the ends.
    fn step_prk(&mut self, timestep: i64, model_output: Tensor<4>, sample: Tensor<4>) -> Tensor<4> {
        let to = if self.counter.is_multiple_of(2) { timestep - self.stride / 2 } else { timestep };
        let from = self.timesteps[self.counter / 4 * 4] as i64;
        let sum = self.cur_model_output.take();
        let add = |weight: f64| {
            let term = model_output.clone().mul_scalar(weight);
            match sum.clone() {
                Some(sum) => sum + term,
                None => term,
            }
        };
        let direction = match self.counter % 4 {
            0 => {
                self.cur_model_output = Some(add(1.0 / 6.0));
                self.ets.push(model_output.clone());
                self.cur_sample = Some(sample.clone());
                model_output
            }
            1 | 2 => {
                self.cur_model_output = Some(add(1.0 / 3.0));
                model_output
            }
            _ => add(1.0 / 6.0),
        };
        let sample = self.cur_sample.clone().unwrap_or(sample);
        self.transfer(from, to, direction, sample)
    }

    /// One linear multistep, of a lower order while the history is short.
    fn step_plms(
        &mut self,
        timestep: i64,
        model_output: Tensor<4>,
        sample: Tensor<4>,
    ) -> Tensor<4> {
        let (mut from, mut to) = (timestep, timestep - self.stride);
        let mut sample = sample;
        if self.counter == 1 {
            // The first step once more, with the mean of the predictions at both of its ends.
            (from, to) = (timestep + self.stride, timestep);
            sample = self.cur_sample.take().unwrap_or(sample);
        } else {
            self.ets.drain(..self.ets.len().saturating_sub(3));
            self.ets.push(model_output.clone());
            if self.counter == 0 {
                self.cur_sample = Some(sample.clone());
            }
        }
        let direction = if self.counter == 1 {
            self.ets.iter().fold(model_output, |sum, first| sum + first.clone()).div_scalar(2.0)
        } else {
            let weights = ADAMS_BASHFORTH[self.ets.len() - 1];
            let terms =
                self.ets.iter().rev().zip(weights).map(|(e, weight)| e.clone().mul_scalar(*weight));
            terms.reduce(|sum, term| sum + term).unwrap_or(model_output)
        };
        self.transfer(from, to, direction, sample)
    }

    /// Eq. 9: from one timestep to another along the predicted noise.
    fn transfer(
        &self,
        from: i64,
        to: i64,
        model_output: Tensor<4>,
        sample: Tensor<4>,
    ) -> Tensor<4> {
        let alpha = self.schedule.alpha_cumprod(from, self.final_alpha_cumprod);
        let alpha_to = self.schedule.alpha_cumprod(to, self.final_alpha_cumprod);
        let level = NoiseLevel::from_alpha_cumprod(alpha);
        let epsilon = self.prediction_type.epsilon(level, &model_output, &sample);
        let denominator =
            alpha * (1.0 - alpha_to).sqrt() + (alpha * (1.0 - alpha) * alpha_to).sqrt();
        sample.mul_scalar((alpha_to / alpha).sqrt())
            - epsilon.mul_scalar((alpha_to - alpha) / denominator)
    }
}

impl Scheduler for Pndm {
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

    fn step(
        &mut self,
        index: usize,
        model_output: Tensor<4>,
        sample: Tensor<4>,
        _noise: &mut dyn FnMut() -> Tensor<4>,
    ) -> StepOutput {
        let timestep = self.timesteps[index];
        let level = self.schedule.level(timestep);
        let pred_original_sample =
            self.prediction_type.original_sample(level, &model_output, &sample);
        let prev_sample = if self.counter < self.prk_steps {
            self.step_prk(timestep as i64, model_output, sample)
        } else {
            self.step_plms(timestep as i64, model_output, sample)
        };
        self.counter += 1;
        StepOutput { prev_sample, pred_original_sample }
    }
}

/// Weights of the predictions, newest first, by how many there are.
const ADAMS_BASHFORTH: [&[f64]; 4] = [
    &[1.0],
    &[3.0 / 2.0, -1.0 / 2.0],
    &[23.0 / 12.0, -16.0 / 12.0, 5.0 / 12.0],
    &[55.0 / 24.0, -59.0 / 24.0, 37.0 / 24.0, -9.0 / 24.0],
];

/// Runge–Kutta takes the place of the first three steps, with four evaluations for each.
const PRK_STEPS: usize = 12;

/// The second timestep twice.
fn plms_timesteps(spaced: Vec<f64>) -> Vec<f64> {
    let (first, rest) = spaced.split_at(1);
    [first, &rest[..rest.len().min(1)], rest].concat()
}

/// Three times beginning, middle, middle, end; then the remaining ones.
fn prk_timesteps(spaced: Vec<f64>, stride: usize) -> Result<Vec<f64>> {
    if spaced.len() < 4 {
        return Err(bad_steps(spaced.len(), messages::pndm_steps()));
    }
    let half = (stride / 2) as f64;
    let prk = spaced[..4].windows(2).flat_map(|pair| {
        let (start, end) = (pair[0], pair[1]);
        [start, end + half, end + half, end]
    });
    Ok(prk.chain(spaced[3..].iter().copied()).collect())
}
