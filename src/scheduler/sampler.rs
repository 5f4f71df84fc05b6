//! Interface of a sampler.

use burn::tensor::Tensor;

use super::config::SchedulerConfig;
use super::evaluations::Evaluations;
use super::run::{Denoiser, OnEvaluated, Run};
use super::sigma_schedule::SigmaSchedule;
use crate::error::Result;

/// Options of a sampler.
#[derive(Debug, Clone)]
pub struct SamplerOptions<'a> {
    /// Scheduler config of the checkpoint.
    pub config: &'a SchedulerConfig,
    /// Number of steps.
    pub num_inference_steps: usize,
    /// η of DDIM, 0..=1: the share of DDPM's noise that each step adds.
    pub eta: f64,
    /// Strength of image to image with LCM, 0..=1: all steps are taken in this lower part of the
    /// schedule. Otherwise 1.
    pub strength: f64,
    /// Sigma schedule that the user selected; `None`: that of the config. A schedule that a config
    /// can state is in `config`, too.
    pub sigmas: Option<SigmaSchedule>,
    /// Whether the model is of the SDXL family, which has its own table of noise levels.
    pub is_sdxl: bool,
}

impl<'a> SamplerOptions<'a> {
    /// Returns the options of a deterministic run over the whole schedule.
    pub fn new(config: &'a SchedulerConfig, num_inference_steps: usize) -> Self {
        SamplerOptions {
            config,
            num_inference_steps,
            eta: 0.0,
            strength: 1.0,
            sigmas: None,
            is_sdxl: false,
        }
    }
}

/// A sampling method, prepared for a number of steps.
pub(super) trait Sampler: Sized {
    /// Prepares the sampler.
    fn new(options: &SamplerOptions) -> Result<Self>;

    /// Returns the evaluations of the network.
    fn evaluations(&self) -> &Evaluations;

    /// Samples from `latents` `[b, c, h, w]`, which have the noise level of evaluation `begin`, to
    /// the end.
    ///
    /// After each evaluation the sampler continues with the result of [`Run::evaluated`]. It draws
    /// noise exactly as often as its diffusers counterpart.
    async fn sample<D: Denoiser, C: OnEvaluated>(
        &self,
        run: &mut Run<'_, D, C>,
        begin: usize,
        latents: Tensor<4>,
    ) -> Result<Tensor<4>>;
}
