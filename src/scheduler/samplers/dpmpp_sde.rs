//! DPM-Solver++ (SDE).
//!
//! With the middle σₛ = √(σ·σ') and the ancestral σ↓, σ↑ of each goal:
//! x₂ = (σₛ↓/σ)·x + (1 − σₛ↓/σ)·x₀(x, σ) + σₛ↑·z₁, then
//! x' = (σ↓/σ)·x + (1 − σ↓/σ)·x₀(x₂, σₛ) + σ↑·z₂, with z₁ and z₂ of one Brownian path.
//!
//! k-diffusion `sample_dpmpp_sde` with r = ½.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::scheduler::ancestral::{ancestral, toward};
use crate::scheduler::evaluations::Evaluations;
use crate::scheduler::prediction::PredictionType;
use crate::scheduler::run::{Denoiser, OnEvaluated, Run};
use crate::scheduler::sampler::{Sampler, SamplerOptions};
use crate::scheduler::sigma_path::SigmaPath;

/// `sample_dpmpp_sde` with η = 1.
#[derive(Debug)]
pub struct DpmppSde {
    path: SigmaPath,
    evaluations: Evaluations,
}

impl Sampler for DpmppSde {
    fn new(options: &SamplerOptions) -> Result<Self> {
        let prediction_type = PredictionType::from_config(options.config, &PredictionType::ALL)?;
        let path = SigmaPath::over_whole_range(options)?;
        Ok(Self { evaluations: path.two_stages(prediction_type, middle), path })
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
            let x0 = run.predict(index, &x).await?.original_sample();
            if sigma_next == 0.0 {
                return run.evaluated(index, x0.clone(), x0).await;
            }
            let sigma_mid = middle(sigma, sigma_next);
            let (down, up) = ancestral(sigma, sigma_mid);
            let noise = run.noise.between(through_log(sigma), sigma_mid).mul_scalar(up);
            let mid = toward(x.clone(), x0.clone(), down / sigma) + noise;
            let mid = run.evaluated(index, mid, x0).await?;

            let x0 = run.predict(index + 1, &mid).await?.original_sample();
            let (down, up) = ancestral(sigma, sigma_next);
            let noise = run.noise.between(through_log(sigma), through_log(sigma_next));
            let noise = noise.mul_scalar(up);
            let prev_sample = toward(x, x0.clone(), down / sigma) + noise;
            x = run.evaluated(index + 1, prev_sample, x0).await?;
        }
        Ok(x)
    }
}

/// Returns the geometric mean of two σ. It is computed in single precision as in k-diffusion:
/// Brownian noise changes with the root of a change in σ.
fn middle(sigma: f64, sigma_next: f64) -> f64 {
    let (from, to) = (-(sigma as f32).ln(), -(sigma_next as f32).ln());
    f64::from((-(from + (to - from) * 0.5)).exp())
}

/// Returns σ as k-diffusion has it after −ln σ and back.
fn through_log(sigma: f64) -> f64 {
    f64::from((sigma as f32).ln().exp())
}
