//! Scheduler config, `scheduler/scheduler_config.json`.
//!
//! It has the format of every diffusers scheduler, and only the values that the file states. The
//! scheduler that is created from it adds the defaults of its own class. So a checkpoint's config
//! can be used for another scheduler than its own, as `Other.from_config(pipe.scheduler.config)` in
//! diffusers: shared fields are carried over, and fields that the other class does not know are
//! ignored. Follows `ConfigMixin.extract_init_dict` (diffusers `configuration_utils.py`).

use serde::Deserialize;

use crate::error::{self, Error, Message, Result, messages};

const PATH: &str = "scheduler/scheduler_config.json";

/// Maximum number of training steps; a larger number means a broken file.
const MAX_TRAIN_TIMESTEPS: usize = 100_000;

/// Values of a checkpoint's `scheduler_config.json`. Every field has the name and meaning that it
/// has in diffusers; fields that no scheduler here reads are ignored.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct SchedulerConfig {
    /// The diffusers class, such as `PNDMScheduler`.
    #[serde(rename = "_class_name")]
    pub class_name: Option<String>,

    // The noise that the model was trained with.
    /// Number of diffusion steps in training.
    pub num_train_timesteps: Option<usize>,
    /// First beta.
    pub beta_start: Option<f64>,
    /// Last beta.
    pub beta_end: Option<f64>,
    /// `linear`, `scaled_linear` or `squaredcos_cap_v2`.
    pub beta_schedule: Option<String>,
    /// The betas themselves, in place of start, end and schedule.
    pub trained_betas: Option<Vec<f64>>,
    /// Whether to rescale the betas to zero terminal SNR: the last timestep then has no signal.
    pub rescale_betas_zero_snr: Option<bool>,
    /// Prediction type of the UNet: `epsilon`, `v_prediction` or `sample`.
    pub prediction_type: Option<String>,

    // Timesteps.
    /// `leading`, `linspace` or `trailing`.
    pub timestep_spacing: Option<String>,
    /// Added to every timestep of `leading` spacing.
    pub steps_offset: Option<usize>,

    // DDIM, PNDM and LCM.
    /// Whether the last step ends without noise instead of at the noise of timestep 0.
    pub set_alpha_to_one: Option<bool>,
    /// Whether to clip the predicted original sample.
    pub clip_sample: Option<bool>,
    /// Limit of the clipping, positive and negative.
    pub clip_sample_range: Option<f64>,
    /// Dynamic thresholding; unsupported, because it is unsuitable for latents.
    pub thresholding: Option<bool>,
    /// PNDM: begin with the linear multistep method instead of Runge-Kutta.
    pub skip_prk_steps: Option<bool>,
    /// LCM: length of the schedule that it was distilled with.
    pub original_inference_steps: Option<usize>,
    /// LCM: scale of the timesteps in the boundary condition.
    pub timestep_scaling: Option<f64>,

    // Euler, Heun, KDPM2 and DPM-Solver.
    /// Whether to space the noise levels as Karras et al. do.
    pub use_karras_sigmas: Option<bool>,
    /// Whether to space the noise levels evenly in ln σ.
    pub use_exponential_sigmas: Option<bool>,
    /// Whether to space the noise levels by a beta distribution.
    pub use_beta_sigmas: Option<bool>,
    /// Unsupported spacing of noise levels.
    pub use_lu_lambdas: Option<bool>,
    /// Unsupported: flow matching by other samplers than its own.
    pub use_flow_sigmas: Option<bool>,
    /// Lowest σ of these spacings.
    pub sigma_min: Option<f64>,
    /// Highest σ of these spacings.
    pub sigma_max: Option<f64>,
    /// Noise level after the last step: `zero` or `sigma_min`.
    pub final_sigmas_type: Option<String>,
    /// Euler: only `linear`.
    pub interpolation_type: Option<String>,
    /// Euler: only `discrete`.
    pub timestep_type: Option<String>,
    /// DPM-Solver: 1 or 2. UniPC and DEIS: at most 3.
    pub solver_order: Option<usize>,
    /// DPM-Solver: only `dpmsolver++`.
    pub algorithm_type: Option<String>,
    /// DPM-Solver: only `midpoint`. UniPC: `bh1` or `bh2`.
    pub solver_type: Option<String>,
    /// DPM-Solver: a first-order last step in short runs.
    pub lower_order_final: Option<bool>,
    /// DPM-Solver: a first-order last step always.
    pub euler_at_final: Option<bool>,
    /// DPM-Solver: skips timesteps with a lower log signal-to-noise ratio.
    pub lambda_min_clipped: Option<f64>,
    /// DPM-Solver: only models that do not predict a variance. DDPM: `fixed_small` or
    /// `fixed_large`.
    pub variance_type: Option<String>,
    /// UniPC: only `true`.
    pub predict_x0: Option<bool>,

    // Flow matching.
    /// Shift of σ towards 1: s·σ / (1 + (s − 1)·σ).
    pub shift: Option<f64>,
    /// Lowest σ, to which the others are stretched.
    pub shift_terminal: Option<f64>,
    /// Unsupported: a shift that depends on the picture's size.
    pub use_dynamic_shifting: Option<bool>,
    /// Unsupported: σ upwards.
    pub invert_sigmas: Option<bool>,
    /// Unsupported: noise in each step.
    pub stochastic_sampling: Option<bool>,
}

impl SchedulerConfig {
    /// Parses `scheduler_config.json`.
    pub fn from_json(json: &str) -> Result<Self> {
        // Python writes the default of lambda_min_clipped as -Infinity, which is not JSON.
        error::json::object(json.replace("-Infinity", "null").as_bytes()).map_err(invalid)
    }

    /// Returns the config with the corrections of `StableDiffusionPipeline` for two outdated
    /// fields, for every scheduler (its `__init__`, "config is outdated").
    pub fn for_stable_diffusion(self) -> Self {
        SchedulerConfig { steps_offset: Some(1), clip_sample: Some(false), ..self }
    }

    /// Returns the config with the corrections of `StableDiffusionInpaintPipeline`.
    pub fn for_inpainting(self) -> Self {
        SchedulerConfig { steps_offset: Some(1), skip_prk_steps: Some(true), ..self }
    }

    /// Returns the config without a spacing of noise levels, which then follow the timesteps.
    pub(super) fn without_sigma_curve(&self) -> Self {
        let off = Some(false);
        SchedulerConfig {
            use_karras_sigmas: off,
            use_exponential_sigmas: off,
            use_beta_sigmas: off,
            ..self.clone()
        }
    }

    /// Returns the config with these first and last betas if it states none.
    pub(super) fn with_betas(&self, start: f64, end: f64) -> Self {
        SchedulerConfig {
            beta_start: self.beta_start.or(Some(start)),
            beta_end: self.beta_end.or(Some(end)),
            ..self.clone()
        }
    }

    /// Returns the config as diffusers' `HeunDiscreteScheduler` and `KDPM2DiscreteScheduler` read
    /// it: they lack two options, and have other default betas than most.
    pub(super) fn for_second_order_samplers(&self) -> Self {
        SchedulerConfig {
            final_sigmas_type: None,
            rescale_betas_zero_snr: None,
            ..self.with_betas(0.00085, 0.012)
        }
    }

    /// Returns the order of a solver that has orders up to 3.
    pub(super) fn order_to_three(&self) -> Result<usize> {
        match self.solver_order.unwrap_or(2) {
            order @ 1..=3 => Ok(order),
            order => {
                let what = Message::verbatim(format!("solver_order {order}"));
                Err(unsupported(what, messages::field_may_be("solver_order", "1, 2, 3")))
            }
        }
    }

    /// Returns the limit of clipped x₀, if it is clipped. `default` is the class's own
    /// `clip_sample`.
    pub(super) fn clip_range(&self, default: bool) -> Option<f64> {
        let clips = self.clip_sample.unwrap_or(default);
        clips.then_some(self.clip_sample_range.unwrap_or(1.0))
    }

    /// Returns the number of diffusion steps in training.
    pub(crate) fn train_timesteps(&self) -> Result<usize> {
        match self.num_train_timesteps.unwrap_or(1000) {
            number @ 2..=MAX_TRAIN_TIMESTEPS => Ok(number),
            number => Err(invalid(messages::field_is("num_train_timesteps", number))),
        }
    }

    /// Refuses more steps than the training steps allow.
    pub(crate) fn check_steps(&self, num_inference_steps: usize) -> Result<()> {
        let most = self.train_timesteps()?;
        if (1..=most).contains(&num_inference_steps) {
            return Ok(());
        }
        Err(bad_steps(num_inference_steps, messages::from_one_to(most)))
    }
}

/// Returns the variant that a field of the config names, among those that the caller supports.
pub(crate) fn choice<T: Copy>(
    field: &str,
    stated: &Option<String>,
    choices: &[(&str, T)],
    default: T,
) -> Result<T> {
    let Some(stated) = stated else {
        return Ok(default);
    };
    match choices.iter().find(|(name, _)| name == stated) {
        Some((_, value)) => Ok(*value),
        None => {
            let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
            let remedy = messages::field_may_be(field, names.join(", "));
            Err(unsupported(Message::verbatim(format!("{field} {stated:?}")), remedy))
        }
    }
}

/// Refuses unsupported options that are switched on.
pub(crate) fn refuse(options: &[(&str, Option<bool>)]) -> Result<()> {
    match options.iter().find(|(_, on)| *on == Some(true)) {
        Some((field, _)) => {
            Err(unsupported(Message::verbatim(field), messages::other_scheduler_or_checkpoint()))
        }
        None => Ok(()),
    }
}

/// Returns the error for a config with an unsupported option.
pub(crate) fn unsupported(what: Message, remedy: Message) -> Error {
    Error::Unsupported { path: PATH.into(), what, remedy }
}

/// Returns the error for an inconsistent config.
pub(crate) fn invalid(reason: Message) -> Error {
    Error::InvalidConfig { path: PATH.into(), reason }
}

/// Returns the error for an impossible number of steps.
pub(crate) fn bad_steps(num_inference_steps: usize, reason: Message) -> Error {
    Error::InvalidRequest {
        field: "num_inference_steps",
        value: Message::verbatim(num_inference_steps),
        reason,
    }
}
