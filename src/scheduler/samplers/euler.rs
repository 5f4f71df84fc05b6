//! Euler's method on the probability flow ODE.
//!
//! dx/dσ = (x − x₀(x, σ)) / σ.
//!
//! Karras et al. 2022, <https://arxiv.org/abs/2206.00364>, algorithm 1 without its correction;
//! diffusers `scheduling_euler_discrete.py`.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::scheduler::config::choice;
use crate::scheduler::evaluations::Evaluations;
use crate::scheduler::prediction::PredictionType;
use crate::scheduler::run::{Denoiser, OnEvaluated, Run};
use crate::scheduler::sampler::{Sampler, SamplerOptions};
use crate::scheduler::sigma_path::{self, SigmaPath};

/// `EulerDiscreteScheduler`.
#[derive(Debug)]
pub struct Euler {
    path: SigmaPath,
    evaluations: Evaluations,
}

impl Sampler for Euler {
    fn new(options: &SamplerOptions) -> Result<Self> {
        let config = options.config;
        choice("interpolation_type", &config.interpolation_type, &[("linear", ())], ())?;
        let prediction_type = PredictionType::from_config(config, &PredictionType::ALL)?;
        if prediction_type == PredictionType::VPrediction {
            // Without v_prediction the class ignores it.
            choice("timestep_type", &config.timestep_type, &[("discrete", ())], ())?;
        }
        let path = SigmaPath::new(options)?;
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
            let derivative = sigma_path::derivative(&x, &x0, sigma);
            let prev_sample = x + derivative.mul_scalar(sigma_next - sigma);
            x = run.evaluated(index, prev_sample, x0).await?;
        }
        Ok(x)
    }
}
