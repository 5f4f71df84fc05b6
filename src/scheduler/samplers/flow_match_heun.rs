//! Heun's method for flow matching.
//!
//! A step of Euler's method, x + (σ' − σ)·v, is repeated with the mean of v at both of its ends.
//!
//! diffusers `scheduling_flow_match_heun_discrete.py`.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::scheduler::config::SchedulerConfig;
use crate::scheduler::evaluations::Evaluations;
use crate::scheduler::flow_path::FlowPath;
use crate::scheduler::run::{Denoiser, OnEvaluated, Run};
use crate::scheduler::sampler::{Sampler, SamplerOptions};

/// `FlowMatchHeunDiscreteScheduler`.
#[derive(Debug)]
pub struct FlowMatchHeun {
    path: FlowPath,
    evaluations: Evaluations,
}

impl Sampler for FlowMatchHeun {
    fn new(options: &SamplerOptions) -> Result<Self> {
        // The class has the shift alone.
        let mut config = options.config.clone();
        if options.sigmas.is_none() {
            config = config.without_sigma_curve();
        }
        let config = SchedulerConfig { shift_terminal: None, ..config };
        let path = FlowPath::new(&SamplerOptions { config: &config, ..options.clone() })?;
        Ok(Self { evaluations: path.two_stages(), path })
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
            let dt = sigma_next - sigma;
            let prediction = run.predict(index, &x).await?;
            let (x0, first) = (prediction.original_sample(), prediction.model_output);
            let euler = x.clone() + first.clone().mul_scalar(dt);
            let euler = run.evaluated(index, euler, x0).await?;
            if sigma_next == 0.0 {
                return Ok(euler);
            }
            let prediction = run.predict(index + 1, &euler).await?;
            let (x0, second) = (prediction.original_sample(), prediction.model_output);
            x = x + (first + second).mul_scalar(0.5 * dt);
            x = run.evaluated(index + 1, x, x0).await?;
        }
        Ok(x)
    }
}
