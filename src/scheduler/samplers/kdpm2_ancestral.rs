//! DPM-Solver-2 of k-diffusion with ancestral noise.
//!
//! Each step goes to σ↓ = σ'²/σ along the derivative at √(σ·σ↓), and adds σ↑·z with
//! σ↑² = σ'² − σ↓².
//!
//! k-diffusion `sample_dpm_2_ancestral`; diffusers `scheduling_k_dpm_2_ancestral_discrete.py`.

use burn::tensor::Tensor;

use super::kdpm2::{middle, path};
use crate::error::Result;
use crate::scheduler::ancestral::ancestral;
use crate::scheduler::evaluations::Evaluations;
use crate::scheduler::run::{Denoiser, OnEvaluated, Run};
use crate::scheduler::sampler::{Sampler, SamplerOptions};
use crate::scheduler::sigma_path::{self, SigmaPath};

/// `KDPM2AncestralDiscreteScheduler`.
#[derive(Debug)]
pub struct Kdpm2Ancestral {
    path: SigmaPath,
    evaluations: Evaluations,
}

impl Sampler for Kdpm2Ancestral {
    fn new(options: &SamplerOptions) -> Result<Self> {
        let (path, prediction_type) = path(options)?;
        let second = |sigma, sigma_next| middle(sigma, ancestral(sigma, sigma_next).0);
        Ok(Self { evaluations: path.two_stages(prediction_type, second), path })
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
            let derivative = sigma_path::derivative(&x, &x0, sigma);
            let is_last = sigma_next == 0.0;
            let sigma_mid = if is_last { 0.0 } else { middle(sigma, sigma_down) };
            let mid = x.clone() + derivative.mul_scalar(sigma_mid - sigma);
            let mid = run.evaluated(index, mid, x0).await?;
            if is_last {
                return Ok(mid);
            }
            let x0 = run.predict(index + 1, &mid).await?.original_sample();
            let derivative = sigma_path::derivative(&mid, &x0, sigma_mid);
            let down = x + derivative.mul_scalar(sigma_down - sigma);
            let noise = run.noise.between(sigma, sigma_next).mul_scalar(sigma_up);
            x = run.evaluated(index + 1, down + noise, x0).await?;
        }
        Ok(x)
    }
}
