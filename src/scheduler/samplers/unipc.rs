//! UniPC sampler: a multistep predictor and a corrector that share their evaluations.
//!
//! With λ = ln(α/σ), h = λ' − λ, r_k = (λ_k − λ)/h and D_k = (x₀_k − x₀)/r_k for earlier steps k:
//! x' = (σ'/σ)·x − α'·(e^(−h) − 1)·x₀ − α'·B(h)·Σ ρ_k·D_k, with B(h) = e^(−h) − 1 (bh2) or −h (bh1),
//! and ρ the solution of Σ_k r_k^(i−1)·ρ_k = φ_i(−h)·i! / B(h). The corrector repeats the last step
//! with the new x₀ as one more D.
//!
//! Zhao et al. 2023, <https://arxiv.org/abs/2302.04867>; diffusers `scheduling_unipc_multistep.py`.

use std::collections::VecDeque;

use burn::tensor::Tensor;

use crate::error::Result;
use crate::scheduler::config::{choice, refuse};
use crate::scheduler::evaluations::Evaluations;
use crate::scheduler::multistep_path::MultistepPath;
use crate::scheduler::noise_schedule::NoiseSchedule;
use crate::scheduler::prediction::{NoiseLevel, PredictionType};
use crate::scheduler::run::{Denoiser, OnEvaluated, Run};
use crate::scheduler::sampler::{Sampler, SamplerOptions};
use crate::scheduler::sigmas::SigmaTable;

/// `UniPCMultistepScheduler`.
#[derive(Debug)]
pub struct UniPc {
    path: MultistepPath,
    evaluations: Evaluations,
    order: usize,
    lower_order_final: bool,
    is_bh1: bool,
}

impl Sampler for UniPc {
    fn new(options: &SamplerOptions) -> Result<Self> {
        let config = options.config;
        refuse(&[
            ("thresholding", config.thresholding),
            ("use_flow_sigmas", config.use_flow_sigmas),
            ("predict_x0 false", config.predict_x0.map(|predicts| !predicts)),
        ])?;
        let prediction_type = PredictionType::from_config(config, &PredictionType::ALL)?;
        let order = config.order_to_three()?;
        let table = SigmaTable::new(&NoiseSchedule::new(config)?);
        let ends = [("zero", false), ("sigma_min", true)];
        let ends_high = choice("final_sigmas_type", &config.final_sigmas_type, &ends, false)?;
        let last = |lowest: Option<f64>| lowest.unwrap_or(table.first());
        let last = |lowest| if ends_high { last(lowest) } else { 0.0 };
        let path = MultistepPath::new(options, &table, config.train_timesteps()?, true, last)?;
        Ok(Self {
            evaluations: path.evaluations(prediction_type),
            path,
            order,
            lower_order_final: config.lower_order_final.unwrap_or(true),
            is_bh1: config.solver_type.as_deref() == Some("bh1"),
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
        // x₀ and σ of the last steps, newest first; the sample before the last step.
        let mut history: VecDeque<(Tensor<4>, f64)> = VecDeque::new();
        let mut before: Option<(Tensor<4>, usize)> = None;
        let steps = self.path.len();
        for (index, pair) in self.path.sigmas.windows(2).enumerate().skip(begin) {
            let (sigma, sigma_next) = (pair[0], pair[1]);
            let x0 = run.predict(index, &x).await?.original_sample();
            if let Some((before, order)) = before.take() {
                x = self.step(before, &history, order, sigma, Some(&x0));
            }
            // A step of length 0 gives no information.
            if history.front().is_some_and(|(_, before)| *before == sigma) {
                history.pop_front();
            }
            history.push_front((x0.clone(), sigma));
            history.truncate(self.order + 1);
            let rest = if self.lower_order_final { steps - index } else { self.order };
            // Towards σ = 0 every higher order divides by an infinite step.
            let most = if sigma_next == 0.0 { 1 } else { self.order };
            let order = most.min(rest).min(index - begin + 1);
            before = Some((x.clone(), order));
            let prev_sample = self.step(x, &history, order, sigma_next, None);
            x = run.evaluated(index, prev_sample, x0).await?;
        }
        Ok(x)
    }
}

impl UniPc {
    /// Returns the step of `order` from `x` `[b, c, h, w]`, at the newest σ of `history`, to
    /// `sigma_next`; corrected, if the prediction of x₀ there is known.
    fn step(
        &self,
        x: Tensor<4>,
        history: &VecDeque<(Tensor<4>, f64)>,
        order: usize,
        sigma_next: f64,
        x0_next: Option<&Tensor<4>>,
    ) -> Tensor<4> {
        let Some((x0, sigma)) = history.front().filter(|(_, sigma)| *sigma != sigma_next) else {
            return x;
        };
        let (from, to) = (NoiseLevel::from_sigma(*sigma), NoiseLevel::from_sigma(sigma_next));
        // λ = −ln σ with σ as noise per signal, so that e^(−h) = σ'/σ.
        let h = (sigma / sigma_next).ln();
        let phi_1 = sigma_next / sigma - 1.0;
        let b_h = if self.is_bh1 { -h } else { phi_1 };
        let earlier = || history.iter().skip(1).take(order - 1);
        let mut nodes: Vec<f64> = earlier().map(|(_, other)| (sigma / other).ln() / h).collect();
        let mut differences: Vec<Tensor<4>> = earlier()
            .zip(&nodes)
            .map(|((other, _), node)| (other.clone() - x0.clone()).div_scalar(*node))
            .collect();
        if let Some(x0_next) = x0_next {
            nodes.push(1.0);
            differences.push(x0_next.clone() - x0.clone());
        }
        let mut step =
            x.mul_scalar(to.noise / from.noise) - x0.clone().mul_scalar(to.signal * phi_1);
        // With one node, the order's own condition is replaced by a half.
        let weights = match nodes.len() {
            1 => vec![0.5],
            _ => solve(&nodes, h, b_h),
        };
        for (difference, weight) in differences.into_iter().zip(weights) {
            step = step - difference.mul_scalar(to.signal * b_h * weight);
        }
        step
    }
}

/// Returns ρ with Σ_k nodes_k^(i−1)·ρ_k = φ_i(−h)·i! / B(h) for each i up to the number of nodes.
fn solve(nodes: &[f64], h: f64, b_h: f64) -> Vec<f64> {
    let mut phi = (-h).exp_m1() / -h - 1.0;
    let mut factorial = 1.0;
    let mut rows: Vec<Vec<f64>> = (0..nodes.len() as i32)
        .map(|i| {
            let right = phi * factorial / b_h;
            factorial *= f64::from(i + 2);
            phi = phi / -h - 1.0 / factorial;
            nodes.iter().map(|node| node.powi(i)).chain([right]).collect()
        })
        .collect();
    // Gauss–Jordan; the nodes differ, so that no pivot is 0.
    for pivot in 0..rows.len() {
        let scale = rows[pivot][pivot];
        rows[pivot].iter_mut().for_each(|value| *value /= scale);
        let row = rows[pivot].clone();
        for (_, other) in rows.iter_mut().enumerate().filter(|(index, _)| *index != pivot) {
            let factor = other[pivot];
            other.iter_mut().zip(&row).for_each(|(value, of_row)| *value -= factor * of_row);
        }
    }
    rows.into_iter().map(|row| row[nodes.len()]).collect()
}
