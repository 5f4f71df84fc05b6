//! Linear multistep sampler.
//!
//! Adams–Bashforth of at most fourth order on dx/dσ, with coefficients for uneven steps:
//! x' = x + Σ_j d_j ∫_σ^σ' Π_{k≠j} (τ − σ_k) / (σ_j − σ_k) dτ.
//!
//! k-diffusion `sample_lms`; diffusers `scheduling_lms_discrete.py`.

use std::collections::VecDeque;

use burn::tensor::Tensor;

use crate::error::Result;
use crate::scheduler::evaluations::Evaluations;
use crate::scheduler::prediction::PredictionType;
use crate::scheduler::run::{Denoiser, OnEvaluated, Run};
use crate::scheduler::sampler::{Sampler, SamplerOptions};
use crate::scheduler::sigma_path::{self, SigmaPath};

/// `LMSDiscreteScheduler`.
#[derive(Debug)]
pub struct Lms {
    path: SigmaPath,
    evaluations: Evaluations,
}

impl Sampler for Lms {
    fn new(options: &SamplerOptions) -> Result<Self> {
        let mut config = options.config.for_second_order_samplers();
        // The class has the default betas of most, and no range for this curve.
        config.beta_start = options.config.beta_start;
        config.beta_end = options.config.beta_end;
        if config.use_karras_sigmas == Some(true) {
            (config.sigma_min, config.sigma_max) = (None, None);
        }
        let path = SigmaPath::new(&SamplerOptions { config: &config, ..options.clone() })?;
        let prediction_type = PredictionType::from_config(&config, &PredictionType::ALL)?;
        Ok(Self { evaluations: path.evaluations(prediction_type), path })
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
        // Derivatives and their σ, newest first.
        let mut history: VecDeque<(Tensor<4>, f64)> = VecDeque::new();
        for (index, (sigma, sigma_next)) in self.path.steps().enumerate().skip(begin) {
            let x0 = run.predict(index, &x).await?.original_sample();
            history.push_front((sigma_path::derivative(&x, &x0, sigma), sigma));
            history.truncate(4);
            let sigmas: Vec<f64> = history.iter().map(|(_, sigma)| *sigma).collect();
            for (j, (derivative, _)) in history.iter().enumerate() {
                x = x + derivative.clone().mul_scalar(coefficient(&sigmas, j, sigma_next));
            }
            x = run.evaluated(index, x, x0).await?;
        }
        Ok(x)
    }
}

/// Returns the integral of the Lagrange polynomial of `sigmas[j]` from `sigmas[0]` to `end`, by
/// Gauss' two points, which are exact for cubic polynomials.
fn coefficient(sigmas: &[f64], j: usize, end: f64) -> f64 {
    let (middle, half) = (0.5 * (sigmas[0] + end), 0.5 * (end - sigmas[0]));
    let basis = |tau: f64| -> f64 {
        let others = sigmas.iter().enumerate().filter(|(k, _)| *k != j);
        others.map(|(_, sigma)| (tau - sigma) / (sigmas[j] - sigma)).product()
    };
    let offset = half / 3.0_f64.sqrt();
    half * (basis(middle - offset) + basis(middle + offset))
}
