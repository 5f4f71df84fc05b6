//! DEIS sampler: exponential integrator with polynomials in ln ρ.
//!
//! With ρ = σ/α: x'/α' = x/α + Σ_j ε_j ∫_ρ^ρ' Π_{k≠j} (ln τ − ln ρ_k) / (ln ρ_j − ln ρ_k) dτ over the
//! last one to three predictions of ε.
//!
//! Zhang & Chen 2022, <https://arxiv.org/abs/2204.13902>; diffusers
//! `scheduling_deis_multistep.py` with solver type "logrho".

use std::collections::VecDeque;

use burn::tensor::Tensor;

use crate::error::Result;
use crate::scheduler::config::{SchedulerConfig, refuse};
use crate::scheduler::evaluations::Evaluations;
use crate::scheduler::multistep_path::MultistepPath;
use crate::scheduler::noise_schedule::NoiseSchedule;
use crate::scheduler::prediction::{NoiseLevel, PredictionType};
use crate::scheduler::run::{Denoiser, OnEvaluated, Run};
use crate::scheduler::sampler::{Sampler, SamplerOptions};
use crate::scheduler::sigmas::SigmaTable;

/// `DEISMultistepScheduler`.
#[derive(Debug)]
pub struct Deis {
    path: MultistepPath,
    evaluations: Evaluations,
    order: usize,
    lower_order_final: bool,
}

impl Sampler for Deis {
    fn new(options: &SamplerOptions) -> Result<Self> {
        let config = options.config;
        refuse(&[
            ("thresholding", config.thresholding),
            ("use_flow_sigmas", config.use_flow_sigmas),
        ])?;
        let prediction_type = PredictionType::from_config(config, &PredictionType::ALL)?;
        let order = config.order_to_three()?;
        // The class has no zero terminal SNR, and always ends at the lowest σ.
        let config = &SchedulerConfig { rescale_betas_zero_snr: None, ..config.clone() };
        let table = SigmaTable::new(&NoiseSchedule::new(config)?);
        let last = |lowest: Option<f64>| lowest.unwrap_or(table.first());
        let options = &SamplerOptions { config, ..options.clone() };
        let path = MultistepPath::new(options, &table, config.train_timesteps()?, true, last)?;
        Ok(Self {
            evaluations: path.evaluations(prediction_type),
            lower_order_final: path.len() < 15 && config.lower_order_final.unwrap_or(true),
            path,
            order,
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
        // ε and ρ of the last steps, newest first.
        let mut history: VecDeque<(Tensor<4>, f64)> = VecDeque::new();
        for (index, pair) in self.path.sigmas.windows(2).enumerate().skip(begin) {
            let (rho, rho_next) = (pair[0], pair[1]);
            let (from, to) = (NoiseLevel::from_sigma(rho), NoiseLevel::from_sigma(rho_next));
            let prediction = run.predict(index, &x).await?;
            // A step of length 0 gives no information.
            if history.front().is_some_and(|(_, before)| *before == rho) {
                history.pop_front();
            }
            history.push_front((prediction.epsilon(), rho));
            let rest = if self.lower_order_final { self.path.len() - index } else { self.order };
            // Polynomials in ln ρ do not reach ρ = 0.
            history.truncate(if rho_next == 0.0 { 1 } else { self.order.min(rest) });
            let rhos: Vec<f64> = history.iter().map(|(_, rho)| *rho).collect();
            let mut next = x.div_scalar(from.signal);
            for (j, (epsilon, _)) in history.iter().enumerate() {
                next = next + epsilon.clone().mul_scalar(coefficient(&rhos, j, rho_next));
            }
            let x0 = prediction.original_sample();
            x = run.evaluated(index, next.mul_scalar(to.signal), x0).await?;
        }
        Ok(x)
    }
}

/// Returns the integral over τ, from `rhos[0]` to `end`, of the Lagrange polynomial in ln τ of
/// `rhos[j]`: with u = ln τ its antiderivatives are τ, τ·(u − 1) and τ·(u² − 2u + 2).
fn coefficient(rhos: &[f64], j: usize, end: f64) -> f64 {
    let others = || rhos.iter().enumerate().filter(move |(k, _)| *k != j).map(|(_, rho)| rho.ln());
    let scale: f64 = others().map(|other| rhos[j].ln() - other).product();
    // The polynomial is u² − sum·u + product, or shorter.
    let (sum, product): (f64, f64) = (others().sum(), others().product());
    let antiderivative = |tau: f64| {
        let u = tau.ln();
        match rhos.len() {
            1 => tau,
            2 => tau * (u - 1.0 - sum),
            _ => tau * (u * u - 2.0 * u + 2.0 - sum * (u - 1.0) + product),
        }
    };
    (antiderivative(end) - antiderivative(rhos[0])) / scale
}
