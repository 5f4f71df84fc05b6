//! Euler's method for flow matching.
//!
//! A sample is (1−σ)·x₀ + σ·ε and the network predicts v = ε − x₀ = dx/dσ: x' = x + (σ' − σ)·v.
//!
//! Lipman et al. 2022, <https://arxiv.org/abs/2210.02747>; Esser et al. 2024,
//! <https://arxiv.org/abs/2403.03206>; diffusers `scheduling_flow_match_euler_discrete.py`.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::scheduler::config::refuse;
use crate::scheduler::evaluations::Evaluations;
use crate::scheduler::flow_path::FlowPath;
use crate::scheduler::run::{Denoiser, OnEvaluated, Run};
use crate::scheduler::sampler::{Sampler, SamplerOptions};

/// `FlowMatchEulerDiscreteScheduler`.
#[derive(Debug)]
pub struct FlowMatchEuler {
    path: FlowPath,
    evaluations: Evaluations,
}

impl Sampler for FlowMatchEuler {
    fn new(options: &SamplerOptions) -> Result<Self> {
        let config = options.config;
        refuse(&[
            ("use_dynamic_shifting", config.use_dynamic_shifting),
            ("invert_sigmas", config.invert_sigmas),
            ("stochastic_sampling", config.stochastic_sampling),
        ])?;
        let path = FlowPath::new(options)?;
        Ok(Self { evaluations: path.evaluations(), path })
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
            let prediction = run.predict(index, &x).await?;
            let x0 = prediction.original_sample();
            x = x + prediction.model_output.mul_scalar(sigma_next - sigma);
            x = run.evaluated(index, x, x0).await?;
        }
        Ok(x)
    }
}
