//! The interface of a sampler.

use burn::tensor::Tensor;

use super::config::SchedulerConfig;
use super::evaluations::Evaluations;
use super::run::{Denoiser, OnEvaluated, Run};
use crate::error::Result;

/// What a sampler is prepared for.
#[derive(Debug, Clone)]
pub struct SamplerOptions<'a> {
    /// What the checkpoint states.
    pub config: &'a SchedulerConfig,
    /// Number of steps.
    pub num_inference_steps: usize,
    /// η of DDIM, 0..=1: the share of DDPM's noise that each step adds.
    pub eta: f64,
    /// LCM that begins with a picture: all steps are taken in the lower part of the schedule, as large as
    /// this says, 0..=1. Otherwise 1.
    pub strength: f64,
}

impl<'a> SamplerOptions<'a> {
    /// Of a deterministic run over the whole schedule.
    pub fn new(config: &'a SchedulerConfig, num_inference_steps: usize) -> Self {
        SamplerOptions { config, num_inference_steps, eta: 0.0, strength: 1.0 }
    }
}

/// A method to go from noise to latents, prepared for a number of steps.
pub(super) trait Sampler: Sized {
    /// Prepares the sampler.
    fn new(options: &SamplerOptions) -> Result<Self>;

    /// Where it evaluates the network.
    fn evaluations(&self) -> &Evaluations;

    /// Goes from `latents` `[b, c, h, w]`, as noisy as evaluation `begin` wants them, to the end.
    ///
    /// After each evaluation the sampler goes on with what [`Run::evaluated`] returns. It draws noise exactly
    /// as often as its diffusers counterpart does.
    async fn sample<D: Denoiser, C: OnEvaluated>(
        &self,
        run: &mut Run<'_, D, C>,
        begin: usize,
        latents: Tensor<4>,
    ) -> Result<Tensor<4>>;
}
