//! Euler ancestral sampler: an Euler step to a lower σ, then fresh noise.
//!
//! From k-diffusion (`sample_euler_ancestral`, <https://github.com/crowsonkb/k-diffusion>);
//! diffusers `scheduling_euler_ancestral_discrete.py`.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::scheduler::config::SchedulerConfig;
use crate::scheduler::evaluations::Evaluations;
use crate::scheduler::prediction::PredictionType;
use crate::scheduler::run::{Denoiser, OnEvaluated, Run};
use crate::scheduler::sampler::{Sampler, SamplerOptions};
use crate::scheduler::sigma_path::{self, SigmaPath};

/// `EulerAncestralDiscreteScheduler`.
#[derive(Debug)]
pub struct EulerAncestral {
    path: SigmaPath,
    evaluations: Evaluations,
}

impl Sampler for EulerAncestral {
    fn new(options: &SamplerOptions) -> Result<Self> {
        // The class has no such options.
        let config =
            &SchedulerConfig { final_sigmas_type: None, ..options.config.without_sigma_curve() };
        let path = SigmaPath::over_whole_range(&SamplerOptions { config, ..options.clone() })?;
        let prediction_type = PredictionType::from_config(config, &PredictionType::ALL[..2])?;
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
        for (index, (sigma, sigma_next)) in self.path.steps().enumerate().skip(begin) {
            let x0 = run.predict(index, &x).await?.original_sample();
            // σ'² = σ_down² + σ_up², with σ_up the noise that DDPM's step would add.
            let sigma_up = sigma_next * (1.0 - (sigma_next / sigma).powi(2)).max(0.0).sqrt();
            let sigma_down = sigma_next * sigma_next / sigma;
            let derivative = sigma_path::derivative(&x, &x0, sigma);
            let down = x + derivative.mul_scalar(sigma_down - sigma);
            let prev_sample = down + run.noise.between(sigma, sigma_next).mul_scalar(sigma_up);
            x = run.evaluated(index, prev_sample, x0).await?;
        }
        Ok(x)
    }
}
