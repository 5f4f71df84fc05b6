//! PNDM sampler: pseudo numerical methods.
//!
//! Each step follows the noise predicted by an Adams–Bashforth combination of the last four
//! predictions (PLMS). The history is started by Runge–Kutta steps (PRK, four evaluations each,
//! three times) or, with `skip_prk_steps`, by lower orders and a repetition of the second timestep.
//!
//! Liu et al. 2022, <https://arxiv.org/abs/2202.09778>, eq. 9, 12, 13;
//! diffusers `scheduling_pndm.py`.

use burn::tensor::Tensor;

use crate::error::{Result, messages};
use crate::scheduler::config::{SchedulerConfig, bad_steps};
use crate::scheduler::evaluations::{Evaluation, Evaluations};
use crate::scheduler::noise_schedule::NoiseSchedule;
use crate::scheduler::prediction::{NoiseLevel, PredictionType};
use crate::scheduler::run::{Denoiser, OnEvaluated, Run};
use crate::scheduler::sampler::{Sampler, SamplerOptions};
use crate::scheduler::timesteps;

/// `PNDMScheduler`. Every evaluation counts as a step, as in diffusers.
#[derive(Debug)]
pub struct Pndm {
    evaluations: Evaluations,
    schedule: NoiseSchedule,
    final_alpha_cumprod: f64,
    prediction_type: PredictionType,
    /// Number of evaluations of Runge–Kutta steps, which come first.
    prk_evaluations: usize,
    /// Training timesteps between two steps.
    stride: i64,
}

impl Sampler for Pndm {
    fn new(options: &SamplerOptions) -> Result<Self> {
        let num_inference_steps = options.num_inference_steps;
        // The class has no such option.
        let config = &SchedulerConfig { rescale_betas_zero_snr: None, ..options.config.clone() };
        let schedule = NoiseSchedule::new(config)?;
        let spaced = timesteps::whole(config, num_inference_steps)?;
        let stride = config.train_timesteps()? / num_inference_steps;
        let skip_prk_steps = config.skip_prk_steps.unwrap_or(false);
        let prediction_type = PredictionType::from_config(config, &PredictionType::ALL[..2])?;
        let timesteps =
            if skip_prk_steps { plms_timesteps(spaced) } else { prk_timesteps(spaced, stride)? };
        let list = timesteps.iter().map(|t| Evaluation::new(*t, schedule.level(*t))).collect();
        Ok(Self {
            evaluations: Evaluations::variance_preserving(list, prediction_type),
            final_alpha_cumprod: schedule
                .final_alpha_cumprod(config.set_alpha_to_one.unwrap_or(false)),
            prediction_type,
            prk_evaluations: if skip_prk_steps { 0 } else { PRK_EVALUATIONS },
            stride: stride as i64,
            schedule,
        })
    }

    fn evaluations(&self) -> &Evaluations {
        &self.evaluations
    }

    /// The order depends on the number of evaluations done, not on their indices: a run that begins
    /// in the middle begins with the low orders, as in diffusers.
    async fn sample<D: Denoiser, C: OnEvaluated>(
        &self,
        run: &mut Run<'_, D, C>,
        begin: usize,
        mut x: Tensor<4>,
    ) -> Result<Tensor<4>> {
        let mut history = History::default();
        for (done, index) in (begin..self.evaluations.len()).enumerate() {
            let timestep = self.evaluations.at(index).timestep as i64;
            let prediction = run.predict(index, &x).await?;
            let x0 = prediction.original_sample();
            let model_output = prediction.model_output;
            let prev_sample = if done < self.prk_evaluations {
                self.step_prk(&mut history, done, timestep, model_output, x)
            } else {
                self.step_plms(&mut history, done, timestep, model_output, x)
            };
            x = run.evaluated(index, prev_sample, x0).await?;
        }
        Ok(x)
    }
}

/// History of a run.
#[derive(Default)]
struct History {
    /// The last predictions, newest last.
    ets: Vec<Tensor<4>>,
    /// Sample from which several evaluations start.
    cur_sample: Option<Tensor<4>>,
    /// Sum of the Runge–Kutta evaluations of this step.
    cur_model_output: Option<Tensor<4>>,
}

impl Pndm {
    /// Computes one of the four evaluations of a Runge–Kutta step: two in the middle, two at the
    /// ends.
    fn step_prk(
        &self,
        history: &mut History,
        done: usize,
        timestep: i64,
        model_output: Tensor<4>,
        sample: Tensor<4>,
    ) -> Tensor<4> {
        let to = if done.is_multiple_of(2) { timestep - self.stride / 2 } else { timestep };
        let from = self.evaluations.at(done / 4 * 4).timestep as i64;
        let sum = history.cur_model_output.take();
        let add = |weight: f64| {
            let term = model_output.clone().mul_scalar(weight);
            match sum.clone() {
                Some(sum) => sum + term,
                None => term,
            }
        };
        let direction = match done % 4 {
            0 => {
                history.cur_model_output = Some(add(1.0 / 6.0));
                history.ets.push(model_output.clone());
                history.cur_sample = Some(sample.clone());
                model_output
            }
            1 | 2 => {
                history.cur_model_output = Some(add(1.0 / 3.0));
                model_output
            }
            _ => add(1.0 / 6.0),
        };
        let sample = history.cur_sample.clone().unwrap_or(sample);
        self.transfer(from, to, direction, sample)
    }

    /// Computes one linear multistep, of a lower order while the history is short.
    fn step_plms(
        &self,
        history: &mut History,
        done: usize,
        timestep: i64,
        model_output: Tensor<4>,
        sample: Tensor<4>,
    ) -> Tensor<4> {
        let (mut from, mut to) = (timestep, timestep - self.stride);
        let mut sample = sample;
        if done == 1 {
            // The first step is repeated with the mean of the predictions at both of its ends.
            (from, to) = (timestep + self.stride, timestep);
            sample = history.cur_sample.take().unwrap_or(sample);
        } else {
            history.ets.drain(..history.ets.len().saturating_sub(3));
            history.ets.push(model_output.clone());
            if done == 0 {
                history.cur_sample = Some(sample.clone());
            }
        }
        let direction = if done == 1 {
            history.ets.iter().fold(model_output, |sum, first| sum + first.clone()).div_scalar(2.0)
        } else {
            let weights = ADAMS_BASHFORTH[history.ets.len() - 1];
            let terms = history.ets.iter().rev().zip(weights);
            let terms = terms.map(|(e, weight)| e.clone().mul_scalar(*weight));
            terms.reduce(|sum, term| sum + term).unwrap_or(model_output)
        };
        self.transfer(from, to, direction, sample)
    }

    /// Moves from one timestep to another along the predicted noise (eq. 9).
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

/// Weights of the predictions, newest first, by their number.
pub(super) const ADAMS_BASHFORTH: [&[f64]; 4] = [
    &[1.0],
    &[3.0 / 2.0, -1.0 / 2.0],
    &[23.0 / 12.0, -16.0 / 12.0, 5.0 / 12.0],
    &[55.0 / 24.0, -59.0 / 24.0, 37.0 / 24.0, -9.0 / 24.0],
];

/// Runge–Kutta replaces the first three steps, with four evaluations each.
const PRK_EVALUATIONS: usize = 12;

/// Returns the timesteps with the second one repeated.
fn plms_timesteps(spaced: Vec<f64>) -> Vec<f64> {
    let (first, rest) = spaced.split_at(1);
    [first, &rest[..rest.len().min(1)], rest].concat()
}

/// Returns three times beginning, middle, middle, end; then the remaining timesteps.
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
