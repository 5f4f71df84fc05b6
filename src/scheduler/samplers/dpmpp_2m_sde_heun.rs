//! DPM-Solver++ (2M) SDE with the solver of Heun's type.
//!
//! As DPM-Solver++ (2M) SDE, but x₀ is taken to change evenly over the step, in place of what its middle
//! says: the change of x₀ counts 1 − (1 − e^(−2h))/2h.
//!
//! Lu et al. 2022, <https://arxiv.org/abs/2211.01095>; k-diffusion `sample_dpmpp_2m_sde` with solver type
//! "heun"; diffusers' `DPMSolverMultistepScheduler` with `sde-dpmsolver++` and `solver_type` "heun".

use burn::tensor::Tensor;

use super::dpmpp_2m_sde::Dpmpp2mSde;
use crate::error::Result;
use crate::scheduler::evaluations::Evaluations;
use crate::scheduler::run::{Denoiser, OnEvaluated, Run};
use crate::scheduler::sampler::{Sampler, SamplerOptions};

/// `sample_dpmpp_2m_sde` of type "heun" with η = 1.
#[derive(Debug)]
pub struct Dpmpp2mSdeHeun(Dpmpp2mSde);

impl Sampler for Dpmpp2mSdeHeun {
    fn new(options: &SamplerOptions) -> Result<Self> {
        Dpmpp2mSde::new(options).map(Self)
    }

    fn evaluations(&self) -> &Evaluations {
        self.0.evaluations()
    }

    async fn sample<D: Denoiser, C: OnEvaluated>(
        &self,
        run: &mut Run<'_, D, C>,
        begin: usize,
        x: Tensor<4>,
    ) -> Result<Tensor<4>> {
        // As a share of 1 − e^(−2h), by which the sum of x₀ and its change is multiplied.
        let weight = |h: f64| -1.0 / (-2.0 * h).exp_m1() - 0.5 / h;
        self.0.sample_with(run, begin, x, weight).await
    }
}
