//! DPM-Solver++ (2S) with ancestral noise.
//!
//! With σ↓ = σ'²/σ and the middle √(σ·σ↓) = σ': x₂ = (σ'/σ)·x + (1 − σ'/σ)·x₀(x, σ), then
//! x' = (σ↓/σ)·x + (1 − σ↓/σ)·x₀(x₂, σ') + σ↑·z.
//!
//! Lu et al. 2022, <https://arxiv.org/abs/2211.01095>, algorithm 1; k-diffusion
//! `sample_dpmpp_2s_ancestral`.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::scheduler::ancestral::{ancestral, toward};
use crate::scheduler::evaluations::Evaluations;
use crate::scheduler::prediction::PredictionType;
use crate::scheduler::run::{Denoiser, OnEvaluated, Run};
use crate::scheduler::sampler::{Sampler, SamplerOptions};
use crate::scheduler::sigma_path::SigmaPath;

/// `sample_dpmpp_2s_ancestral` with η = 1.
#[derive(Debug)]
pub struct Dpmpp2sAncestral {
    path: SigmaPath,
    evaluations: Evaluations,
}

impl Sampler for Dpmpp2sAncestral {
    fn new(options: &SamplerOptions) -> Result<Self> {
        let prediction_type = PredictionType::from_config(options.config, &PredictionType::ALL)?;
        let path = SigmaPath::over_whole_range(options)?;
        Ok(Self { evaluations: path.two_stages(prediction_type, |_, next| next), path })
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
        for (step, (sigma, sigma_next)) in self.path.steps().enumerate().skip(begin / 2) {
            let index = 2 * step;
            let (sigma_down, sigma_up) = ancestral(sigma, sigma_next);
            let x0 = run.predict(index, &x).await?.original_sample();
            let mid = toward(x.clone(), x0.clone(), sigma_next / sigma);
            let mid = run.evaluated(index, mid, x0).await?;
            if sigma_next == 0.0 {
                return Ok(mid);
            }
            let x0 = run.predict(index + 1, &mid).await?.original_sample();
            let noise = run.noise.between(sigma, sigma_next).mul_scalar(sigma_up);
            let prev_sample = toward(x, x0.clone(), sigma_down / sigma) + noise;
            x = run.evaluated(index + 1, prev_sample, x0).await?;
        }
        Ok(x)
    }
}
