//! DPM-Solver of mixed orders: as many evaluations as steps.
//!
//! The steps are even in t = −ln σ, from the highest to the lowest σ. Each takes DPM-Solver-3 with three
//! evaluations; the last ones are of lower order, so that the sum is right. Noise is ancestral, η = 1.
//! With h the length of a step, ε at its beginning and σ' at its end: x' = x − σ'·(e^h − 1)·ε, and what
//! the differences of ε at the middle points add.
//!
//! Lu et al. 2022, <https://arxiv.org/abs/2206.00927>, algorithms 1 and 2 and appendix D; k-diffusion
//! `sample_dpm_fast`, with the η of AUTOMATIC1111's web UI.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::scheduler::ancestral::ancestral;
use crate::scheduler::evaluations::Evaluations;
use crate::scheduler::prediction::PredictionType;
use crate::scheduler::run::{Denoiser, OnEvaluated, Run};
use crate::scheduler::sampler::{Sampler, SamplerOptions};
use crate::scheduler::sigma_path::{self, SigmaPath};
use crate::scheduler::sigma_schedule::SigmaSchedule;

/// `sample_dpm_fast`.
#[derive(Debug)]
pub struct DpmFast {
    path: SigmaPath,
    evaluations: Evaluations,
}

/// A step in t, which goes to `down` and is then brought up to `end` by noise.
struct Step {
    order: usize,
    start: f64,
    down: f64,
    end: f64,
}

impl Step {
    fn sigma(&self, share: f64) -> f64 {
        (-(self.start + share * (self.down - self.start))).exp()
    }

    /// Shares of the step's length at which ε is evaluated.
    fn stages(&self) -> &'static [f64] {
        match self.order {
            1 => &[0.0],
            2 => &[0.0, 0.5],
            _ => &[0.0, 1.0 / 3.0, 2.0 / 3.0],
        }
    }
}

/// Returns the steps between two σ with a number of evaluations.
fn steps(from: f64, to: f64, evaluations: usize) -> Vec<Step> {
    let count = evaluations / 3 + 1;
    let mut orders = vec![3; count - 1];
    match evaluations % 3 {
        0 => {
            orders.pop();
            orders.extend([2, 1]);
        }
        rest => orders.push(rest),
    }
    let [start, end] = [-from.ln(), -to.ln()];
    let at = |index: usize| start + (end - start) * index as f64 / count as f64;
    let step = |(index, order)| {
        let (start, next) = (at(index), at(index + 1));
        let (down, _) = ancestral((-start).exp(), (-next).exp());
        Step { order, start, down: end.min(-down.ln()), end: next }
    };
    orders.into_iter().enumerate().map(step).collect()
}

impl Sampler for DpmFast {
    fn new(options: &SamplerOptions) -> Result<Self> {
        let prediction_type = PredictionType::from_config(options.config, &PredictionType::ALL)?;
        options.config.check_steps(options.num_inference_steps)?;
        // Two levels are enough for both ends.
        let (sigmas, num_inference_steps) = (Some(SigmaSchedule::Exponential), 2);
        let ends = SamplerOptions { sigmas, num_inference_steps, ..options.clone() };
        let path = SigmaPath::over_whole_range(&ends)?;
        let [lowest, highest] = path.evaluations(prediction_type).sigma_range();
        let steps = steps(highest, lowest, options.num_inference_steps);
        let levels = |step: &Step| {
            step.stages()
                .iter()
                .map(|share| path.evaluation(step.sigma(*share)))
                .collect::<Vec<_>>()
        };
        let list = steps.iter().flat_map(levels).collect();
        let init_noise_sigma = path.init_noise_sigma();
        let evaluations = Evaluations::variance_exploding(list, init_noise_sigma, prediction_type)
            .within([lowest, highest]);
        Ok(Self { evaluations, path })
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
        let from = self.evaluations.at(begin).level.noise;
        let mut index = begin;
        for step in steps(from, self.evaluations.sigma_range()[0], self.evaluations.len() - begin) {
            let (down, x0) = self.solve(run, index, x, &step).await?;
            index += step.order;
            let sigma_next = (-step.end).exp();
            let up = (sigma_next.powi(2) - step.sigma(1.0).powi(2)).max(0.0).sqrt();
            let noise = run.noise.between(step.sigma(0.0), sigma_next).mul_scalar(up);
            let level = SigmaPath::level(sigma_next);
            x = run.evaluated_at(index - 1, down + noise, level, x0).await?;
        }
        Ok(x)
    }
}

impl DpmFast {
    /// Returns the sample at the end of a step without its noise, and x₀. `index` is the step's first
    /// evaluation.
    async fn solve<D: Denoiser, C: OnEvaluated>(
        &self,
        run: &mut Run<'_, D, C>,
        index: usize,
        x: Tensor<4>,
        step: &Step,
    ) -> Result<(Tensor<4>, Tensor<4>)> {
        let h = step.down - step.start;
        let growth = |share: f64| (share * h).exp_m1();
        // ∫ e^τ·τ: the share of a difference of ε that grows with the step.
        let slope = |share: f64| growth(share) / (share * h) - 1.0;
        let add = |share: f64, epsilon: &Tensor<4>, weight: f64| {
            epsilon.clone().mul_scalar(-step.sigma(share) * weight)
        };

        let (epsilon, x0) = self.epsilon(run, &x, step.sigma(0.0)).await?;
        let straight = x.clone() + add(1.0, &epsilon, growth(1.0));
        let &[_, first, ..] = step.stages() else { return Ok((straight, x0)) };
        let middle = x.clone() + add(first, &epsilon, growth(first));
        let level = SigmaPath::level(step.sigma(first));
        let middle = run.evaluated_at(index, middle, level, x0).await?;
        let (at_first, x0) = self.epsilon(run, &middle, step.sigma(first)).await?;
        let change = at_first - epsilon.clone();
        let &[_, _, second] = step.stages() else {
            return Ok((straight + add(1.0, &change, growth(1.0) / (2.0 * first)), x0));
        };
        let middle = x
            + add(second, &epsilon, growth(second))
            + add(second, &change, second / first * slope(second));
        let level = SigmaPath::level(step.sigma(second));
        let middle = run.evaluated_at(index + 1, middle, level, x0).await?;
        let (at_second, x0) = self.epsilon(run, &middle, step.sigma(second)).await?;
        Ok((straight + add(1.0, &(at_second - epsilon), slope(1.0) / second), x0))
    }

    /// Returns ε and x₀ as predicted from `x` `[b, c, h, w]` at `sigma`.
    async fn epsilon<D: Denoiser, C: OnEvaluated>(
        &self,
        run: &mut Run<'_, D, C>,
        x: &Tensor<4>,
        sigma: f64,
    ) -> Result<(Tensor<4>, Tensor<4>)> {
        let x0 = run.predict_at(self.path.evaluation(sigma), x).await?.original_sample();
        Ok((sigma_path::derivative(x, &x0, sigma), x0))
    }
}
