//! LCM sampler.
//!
//! A latent consistency model predicts x₀ from any noise level in one evaluation. Each further step
//! adds fresh noise of the next level, and predicts again.
//!
//! Luo et al. 2023, <https://arxiv.org/abs/2310.04378>; diffusers `scheduling_lcm.py`.

use burn::tensor::Tensor;

use crate::error::{Error, Message, Result, messages};
use crate::scheduler::alpha_step::AlphaStep;
use crate::scheduler::config::{SchedulerConfig, bad_steps, invalid, refuse};
use crate::scheduler::evaluations::{Evaluation, Evaluations};
use crate::scheduler::noise_schedule::NoiseSchedule;
use crate::scheduler::prediction::PredictionType;
use crate::scheduler::run::{Denoiser, OnEvaluated, Run};
use crate::scheduler::sampler::{Sampler, SamplerOptions};
use crate::scheduler::sigma_schedule::SigmaSchedule;
use crate::scheduler::timesteps;

/// `LCMScheduler`, of at most `original_inference_steps`, 50 unless the config says otherwise.
#[derive(Debug)]
pub struct Lcm {
    evaluations: Evaluations,
    timestep_scaling: f64,
    clip_sample_range: Option<f64>,
}

impl Sampler for Lcm {
    fn new(options: &SamplerOptions) -> Result<Self> {
        let (evaluations, _) = distilled_evaluations(options)?;
        Ok(Self {
            evaluations,
            timestep_scaling: options.config.timestep_scaling.unwrap_or(10.0),
            clip_sample_range: options.config.clip_range(false),
        })
    }

    fn evaluations(&self) -> &Evaluations {
        &self.evaluations
    }

    /// The prediction of x₀ is diffusers' `denoised`: the value of the consistency function.
    async fn sample<D: Denoiser, C: OnEvaluated>(
        &self,
        run: &mut Run<'_, D, C>,
        begin: usize,
        mut x: Tensor<4>,
    ) -> Result<Tensor<4>> {
        /// Standard deviation of the data that the boundary condition is made for.
        const SIGMA_DATA: f64 = 0.5;
        for index in begin..self.evaluations.len() {
            let prediction = run.predict(index, &x).await?;
            let x0 = prediction.clipped_original_sample(self.clip_sample_range);

            // f(x, t) = c_skip·x + c_out·x₀: at t = 0 it is x itself.
            let scaled = self.evaluations.at(index).timestep * self.timestep_scaling;
            let root = scaled.hypot(SIGMA_DATA);
            let (c_skip, c_out) = ((SIGMA_DATA / root).powi(2), scaled / root);
            let denoised = x0.mul_scalar(c_out) + x.mul_scalar(c_skip);
            let prev_sample = if index + 1 < self.evaluations.len() {
                let level = self.evaluations.at(index + 1).level;
                let noise =
                    run.noise.between(self.evaluations.at(index).level.sigma(), level.sigma());
                denoised.clone().mul_scalar(level.signal) + noise.mul_scalar(level.noise)
            } else {
                denoised.clone()
            };
            x = run.evaluated(index, prev_sample, denoised).await?;
        }
        Ok(x)
    }
}

/// Returns the evaluations of a model that was distilled to few steps, and its noise schedule.
pub(super) fn distilled_evaluations(
    options: &SamplerOptions,
) -> Result<(Evaluations, NoiseSchedule)> {
    let SamplerOptions { config, num_inference_steps, strength, .. } = *options;
    refuse(&[("thresholding", config.thresholding)])?;
    // Only these classes have the noise schedule of Stable Diffusion as their default.
    let config = &SchedulerConfig {
        beta_schedule: config.beta_schedule.clone().or(Some("scaled_linear".into())),
        ..config.with_betas(0.00085, 0.012)
    };
    let prediction_type = PredictionType::from_config(config, &PredictionType::ALL)?;
    let schedule = NoiseSchedule::new(config)?;
    let selected = SamplerOptions { config, ..options.clone() };
    let timesteps = match selected_timesteps(&selected, &schedule)? {
        Some(timesteps) => timesteps,
        None => distilled_timesteps(config, num_inference_steps, strength)?,
    };
    schedule.check_start(timesteps[0], prediction_type)?;
    let list = timesteps.iter().map(|t| Evaluation::new(*t, schedule.level(*t))).collect();
    Ok((Evaluations::variance_preserving(list, prediction_type), schedule))
}

/// Returns the whole timesteps nearest to the sigma schedule that the user selected, if it is not
/// the distilled one.
fn selected_timesteps(
    options: &SamplerOptions,
    schedule: &NoiseSchedule,
) -> Result<Option<Vec<f64>>> {
    let steps = match options.sigmas {
        Some(sigmas) if SigmaSchedule::SPACINGS.contains(&sigmas) => {
            return timesteps::whole(options.config, options.num_inference_steps).map(Some);
        }
        _ => AlphaStep::selected(options, schedule)?,
    };
    Ok(steps.map(|steps| {
        let timesteps = steps.iter().map(|step| step.timestep.round_ties_even());
        let mut timesteps: Vec<f64> = timesteps.collect();
        timesteps.dedup();
        timesteps
    }))
}

/// Returns evenly spaced timesteps among those that the model was distilled on, noisiest first.
fn distilled_timesteps(config: &SchedulerConfig, number: usize, strength: f64) -> Result<Vec<f64>> {
    config.check_steps(number)?;
    let train = config.train_timesteps()?;
    let original = config.original_inference_steps.unwrap_or(50);
    if !(1..=train).contains(&original) {
        return Err(invalid(messages::field_is("original_inference_steps", original)));
    }
    if number > original {
        return Err(bad_steps(number, messages::lcm_steps(original)));
    }
    let stride = train / original;
    let usable = (original as f64 * strength) as usize;
    if usable < number {
        return Err(Error::InvalidRequest {
            field: "strength",
            value: Message::verbatim(strength),
            reason: messages::lcm_strength(number, number as f64 / original as f64),
        });
    }
    let spread = usable as f64 / number as f64;
    let index = |i: usize| (i as f64 * spread).floor() as usize;
    Ok((0..number).map(|i| ((usable - index(i)) * stride - 1) as f64).collect())
}
