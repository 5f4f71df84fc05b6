//! Improved PNDM in σ.
//!
//! Adams–Bashforth of at most fourth order on dx/dσ, with the coefficients of even steps; a step to
//! σ = 0 goes to x₀.
//!
//! Zhang & Chen 2022, <https://arxiv.org/abs/2204.13902>; ComfyUI `sample_ipndm`. diffusers'
//! `IPNDMScheduler` walks noise levels of its own.

use std::collections::VecDeque;

use burn::tensor::Tensor;

use super::pndm::ADAMS_BASHFORTH;
use crate::error::Result;
use crate::scheduler::evaluations::Evaluations;
use crate::scheduler::prediction::PredictionType;
use crate::scheduler::run::{Denoiser, OnEvaluated, Run};
use crate::scheduler::sampler::{Sampler, SamplerOptions};
use crate::scheduler::sigma_path::{self, SigmaPath};

/// `sample_ipndm`.
#[derive(Debug)]
pub struct Ipndm {
    path: SigmaPath,
    evaluations: Evaluations,
}

impl Sampler for Ipndm {
    fn new(options: &SamplerOptions) -> Result<Self> {
        let prediction_type = PredictionType::from_config(options.config, &PredictionType::ALL)?;
        let path = SigmaPath::over_whole_range(options)?;
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
        // Derivatives, newest first.
        let mut history: VecDeque<Tensor<4>> = VecDeque::new();
        for (index, (sigma, sigma_next)) in self.path.steps().enumerate().skip(begin) {
            let x0 = run.predict(index, &x).await?.original_sample();
            if sigma_next == 0.0 {
                return run.evaluated(index, x0.clone(), x0).await;
            }
            history.push_front(sigma_path::derivative(&x, &x0, sigma));
            history.truncate(ADAMS_BASHFORTH.len());
            let weights = ADAMS_BASHFORTH[history.len() - 1];
            for (derivative, weight) in history.iter().zip(weights) {
                x = x + derivative.clone().mul_scalar(weight * (sigma_next - sigma));
            }
            x = run.evaluated(index, x, x0).await?;
        }
        Ok(x)
    }
}
