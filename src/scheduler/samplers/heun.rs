//! Heun's method on the probability flow ODE.
//!
//! A step of Euler's method is repeated with the mean of the derivatives at both of its ends.
//!
//! Karras et al. 2022, <https://arxiv.org/abs/2206.00364>, algorithm 1; diffusers
//! `scheduling_heun_discrete.py`.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::scheduler::evaluations::{Evaluation, Evaluations};
use crate::scheduler::prediction::PredictionType;
use crate::scheduler::run::{Denoiser, OnEvaluated, Run};
use crate::scheduler::sampler::{Sampler, SamplerOptions};
use crate::scheduler::sigma_path::{self, SigmaPath};

/// `HeunDiscreteScheduler`.
#[derive(Debug)]
pub struct Heun {
    path: SigmaPath,
    evaluations: Evaluations,
    clip_sample_range: Option<f64>,
}

impl Sampler for Heun {
    fn new(options: &SamplerOptions) -> Result<Self> {
        let config = &options.config.for_second_order_samplers();
        let prediction_type = PredictionType::from_config(config, &PredictionType::ALL)?;
        let path = SigmaPath::new(&SamplerOptions { config, ..options.clone() })?;
        // The correction of a step is evaluated where the next step begins.
        let evaluations = |(index, evaluation): (usize, Evaluation)| {
            std::iter::repeat_n(evaluation, if index == 0 { 1 } else { 2 })
        };
        let mut list: Vec<_> = path.levels().enumerate().flat_map(evaluations).collect();
        let last = path.final_sigma();
        if last > 0.0 {
            list.push(path.evaluation(last));
        }
        let sigma = path.init_noise_sigma();
        Ok(Self {
            evaluations: Evaluations::variance_exploding(list, sigma, prediction_type).per_step(2),
            path,
            clip_sample_range: config.clip_range(false),
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
        let range = self.clip_sample_range;
        for (step, (sigma, sigma_next)) in self.path.steps().enumerate().skip(begin / 2) {
            // 1. Euler step.
            let index = 2 * step;
            let x0 = run.predict(index, &x).await?.clipped_original_sample(range);
            let first = sigma_path::derivative(&x, &x0, sigma);
            let dt = sigma_next - sigma;
            let euler = x.clone() + first.clone().mul_scalar(dt);
            let euler = run.evaluated(index, euler, x0).await?;
            if index + 1 == self.evaluations.len() {
                return Ok(euler);
            }

            // 2. The step with the mean of both derivatives.
            let x0 = run.predict(index + 1, &euler).await?.clipped_original_sample(range);
            let second = sigma_path::derivative(&euler, &x0, sigma_next);
            let mean = (first + second).div_scalar(2.0);
            x = run.evaluated(index + 1, x + mean.mul_scalar(dt), x0).await?;
        }
        Ok(x)
    }
}
