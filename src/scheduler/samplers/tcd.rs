//! TCD sampler: trajectory consistency distillation.
//!
//! With γ = `eta` and s = ⌊(1−γ)·t'⌋: x_s = √ᾱ_s·x₀ + √(1−ᾱ_s)·ε, then
//! x' = √(ᾱ'/ᾱ_s)·x_s + √(1−ᾱ'/ᾱ_s)·z.
//!
//! Zheng et al. 2024, <https://arxiv.org/abs/2402.19159>, algorithm 4; diffusers
//! `scheduling_tcd.py`.

use burn::tensor::Tensor;

use super::lcm::distilled_evaluations;
use crate::error::{Error, Message, Result, messages};
use crate::scheduler::evaluations::Evaluations;
use crate::scheduler::noise_schedule::NoiseSchedule;
use crate::scheduler::run::{Denoiser, OnEvaluated, Run};
use crate::scheduler::sampler::{Sampler, SamplerOptions};

/// `TCDScheduler`, of at most `original_inference_steps`, 50 unless the config says otherwise.
#[derive(Debug)]
pub struct Tcd {
    evaluations: Evaluations,
    schedule: NoiseSchedule,
    gamma: f64,
}

impl Sampler for Tcd {
    fn new(options: &SamplerOptions) -> Result<Self> {
        let gamma = options.eta;
        if !(0.0..=1.0).contains(&gamma) {
            let (value, reason) = (Message::verbatim(gamma), messages::from_zero_to_one());
            return Err(Error::InvalidRequest { field: "eta", value, reason });
        }
        let (evaluations, schedule) = distilled_evaluations(options)?;
        Ok(Self { evaluations, schedule, gamma })
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
        for index in begin..self.evaluations.len() {
            let prediction = run.predict(index, &x).await?;
            let (x0, epsilon) = (prediction.original_sample(), prediction.epsilon());
            let is_last = index + 1 == self.evaluations.len();
            let next = if is_last { 0.0 } else { self.evaluations.at(index + 1).timestep };
            let middle = self.schedule.level(((1.0 - self.gamma) * next).floor());
            let mut prev_sample = middle.add_noise(x0.clone(), epsilon);
            if self.gamma > 0.0 && !is_last {
                let to = self.schedule.level(next);
                let kept = to.signal / middle.signal;
                let noise = run.noise.between(self.evaluations.at(index).level.sigma(), to.sigma());
                let added = (1.0 - kept * kept).max(0.0).sqrt();
                prev_sample = prev_sample.mul_scalar(kept) + noise.mul_scalar(added);
            }
            x = run.evaluated(index, prev_sample, x0).await?;
        }
        Ok(x)
    }
}
