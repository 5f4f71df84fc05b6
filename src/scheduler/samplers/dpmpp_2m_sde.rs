//! DPM-Solver++ (2M) SDE.
//!
//! With h = ln(σ/σ'), η = 1 and r = h₋₁/h: x' = (σ'/σ)²·x + (1 − e^(−2h))·(x₀ + (x₀ − x₀₋₁)/2r)
//! + σ'·√(1 − e^(−2h))·z.
//!
//! Lu et al. 2022, <https://arxiv.org/abs/2211.01095>, eq. 18; k-diffusion `sample_dpmpp_2m_sde`
//! with solver type "midpoint"; diffusers' `DPMSolverMultistepScheduler` with `sde-dpmsolver++`.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::scheduler::evaluations::Evaluations;
use crate::scheduler::prediction::PredictionType;
use crate::scheduler::run::{Denoiser, OnEvaluated, Run};
use crate::scheduler::sampler::{Sampler, SamplerOptions};
use crate::scheduler::sigma_path::SigmaPath;

/// `sample_dpmpp_2m_sde` with η = 1.
#[derive(Debug)]
pub struct Dpmpp2mSde {
    path: SigmaPath,
    evaluations: Evaluations,
}

impl Sampler for Dpmpp2mSde {
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
        x: Tensor<4>,
    ) -> Result<Tensor<4>> {
        self.sample_with(run, begin, x, |_| 0.5).await
    }
}

impl Dpmpp2mSde {
    /// Samples with a weight of the change of x₀, by the length of the step.
    pub(super) async fn sample_with<D: Denoiser, C: OnEvaluated>(
        &self,
        run: &mut Run<'_, D, C>,
        begin: usize,
        mut x: Tensor<4>,
        weight: impl Fn(f64) -> f64,
    ) -> Result<Tensor<4>> {
        // x₀ of the previous step, and that step's h.
        let mut previous: Option<(Tensor<4>, f64)> = None;
        for (index, (sigma, sigma_next)) in self.path.steps().enumerate().skip(begin) {
            let x0 = run.predict(index, &x).await?.original_sample();
            if sigma_next == 0.0 {
                return run.evaluated(index, x0.clone(), x0).await;
            }
            let h = (sigma / sigma_next).ln();
            let share = -(-2.0 * h).exp_m1();
            let mut data = x0.clone();
            if let Some((x0_before, h_before)) = previous.take() {
                data = data + (x0.clone() - x0_before).mul_scalar(weight(h) * h / h_before);
            }
            previous = Some((x0.clone(), h));
            let noise = run.noise.between(sigma, sigma_next).mul_scalar(sigma_next * share.sqrt());
            let kept = x.mul_scalar((sigma_next / sigma).powi(2));
            x = run.evaluated(index, kept + data.mul_scalar(share) + noise, x0).await?;
        }
        Ok(x)
    }
}
