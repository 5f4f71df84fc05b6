//! DPM-Solver++ (3M) SDE.
//!
//! With h = ln(σ/σ'), H = 2h, φ₂ = (e^(−H) − 1)/H + 1 and φ₃ = φ₂/H − ½:
//! x' = (σ'/σ)²·x + (1 − e^(−H))·x₀ + φ₂·D₁ − φ₃·D₂ + σ'·√(1 − e^(−H))·z. D₁ and D₂ are divided
//! differences of the last three x₀; the second step has D₁ alone.
//!
//! k-diffusion `sample_dpmpp_3m_sde`. As in AUTOMATIC1111's web UI, the lowest σ of a selected
//! schedule is left out, and one more is made.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::scheduler::evaluations::Evaluations;
use crate::scheduler::prediction::PredictionType;
use crate::scheduler::run::{Denoiser, OnEvaluated, Run};
use crate::scheduler::sampler::{Sampler, SamplerOptions};
use crate::scheduler::sigma_path::SigmaPath;

/// `sample_dpmpp_3m_sde` with η = 1.
#[derive(Debug)]
pub struct Dpmpp3mSde {
    path: SigmaPath,
    evaluations: Evaluations,
}

impl Sampler for Dpmpp3mSde {
    fn new(options: &SamplerOptions) -> Result<Self> {
        let prediction_type = PredictionType::from_config(options.config, &PredictionType::ALL)?;
        let path = SigmaPath::without_penultimate(options)?;
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
        // x₀ of the last two steps and their h, newest first.
        let mut history: Vec<(Tensor<4>, f64)> = Vec::new();
        for (index, (sigma, sigma_next)) in self.path.steps().enumerate().skip(begin) {
            let x0 = run.predict(index, &x).await?.original_sample();
            if sigma_next == 0.0 {
                return run.evaluated(index, x0.clone(), x0).await;
            }
            let h = (sigma / sigma_next).ln();
            let double = 2.0 * h;
            let share = -(-double).exp_m1();
            let phi_2 = 1.0 - share / double;
            let mut next =
                x.mul_scalar((sigma_next / sigma).powi(2)) + x0.clone().mul_scalar(share);
            if let Some((x0_1, h_1)) = history.first() {
                let r_0 = h_1 / h;
                let mut d_1 = (x0.clone() - x0_1.clone()).div_scalar(r_0);
                if let Some((x0_2, h_2)) = history.get(1) {
                    let r_1 = h_2 / h;
                    let before = (x0_1.clone() - x0_2.clone()).div_scalar(r_1);
                    let d_2 = (d_1.clone() - before).div_scalar(r_0 + r_1);
                    d_1 = d_1 + d_2.clone().mul_scalar(r_0);
                    next = next - d_2.mul_scalar(phi_2 / double - 0.5);
                }
                next = next + d_1.mul_scalar(phi_2);
            }
            history.insert(0, (x0.clone(), h));
            history.truncate(2);
            let noise = run.noise.between(sigma, sigma_next).mul_scalar(sigma_next * share.sqrt());
            x = run.evaluated(index, next + noise, x0).await?;
        }
        Ok(x)
    }
}
