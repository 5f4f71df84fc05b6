//! `scheduler/scheduler_config.json`: the shape in which diffusers saves any of its schedulers.
//!
//! Only what the file states is kept. What it leaves out is filled in by the scheduler that is made
//! from it, with the default of its own class. So a checkpoint's config can be given to another
//! scheduler than its own, as `Other.from_config(pipe.scheduler.config)` in diffusers: shared fields
//! are carried over, fields that the other class does not know are ignored.
//! Follows `ConfigMixin.extract_init_dict` (diffusers `configuration_utils.py`).

use serde::Deserialize;

use super::name::SchedulerName;
use crate::error::{Error, Message, Result, messages};

const PATH: &str = "scheduler/scheduler_config.json";

/// More training steps than any model has: beyond it the file is broken, not ambitious.
const MAX_TRAIN_TIMESTEPS: usize = 100_000;

/// What a checkpoint's `scheduler_config.json` states. Every field has the name and meaning it has in
/// diffusers; fields that no scheduler here reads are ignored.
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
    /// The betas themselves, instead of start, end and schedule.
    pub trained_betas: Option<Vec<f64>>,
    /// Rescale the betas so that nothing of the picture is left at the last timestep.
    pub rescale_betas_zero_snr: Option<bool>,
    /// What the UNet predicts: `epsilon`, `v_prediction` or `sample`.
    pub prediction_type: Option<String>,

    // Which timesteps are visited.
    /// `leading`, `linspace` or `trailing`.
    pub timestep_spacing: Option<String>,
    /// Added to every timestep of `leading` spacing.
    pub steps_offset: Option<usize>,

    // DDIM, PNDM and LCM.
    /// The last step ends at no noise at all instead of at the noise of timestep 0.
    pub set_alpha_to_one: Option<bool>,
    /// Clip the predicted original sample.
    pub clip_sample: Option<bool>,
    /// To plus or minus this.
    pub clip_sample_range: Option<f64>,
    /// Dynamic thresholding; unsupported, it is unsuitable for latents.
    pub thresholding: Option<bool>,
    /// PNDM: begin with the linear multistep method instead of Runge-Kutta.
    pub skip_prk_steps: Option<bool>,
    /// LCM: length of the schedule that it was distilled with.
    pub original_inference_steps: Option<usize>,
    /// LCM: scale of the timesteps in the boundary condition.
    pub timestep_scaling: Option<f64>,

    // Euler and DPM-Solver.
    /// Space the noise levels as Karras et al. do.
    pub use_karras_sigmas: Option<bool>,
    /// Unsupported spacing of noise levels.
    pub use_exponential_sigmas: Option<bool>,
    /// Unsupported spacing of noise levels.
    pub use_beta_sigmas: Option<bool>,
    /// Unsupported spacing of noise levels.
    pub use_lu_lambdas: Option<bool>,
    /// Unsupported: flow matching.
    pub use_flow_sigmas: Option<bool>,
    /// Lowest Karras sigma.
    pub sigma_min: Option<f64>,
    /// Highest Karras sigma.
    pub sigma_max: Option<f64>,
    /// The noise level after the last step: `zero` or `sigma_min`.
    pub final_sigmas_type: Option<String>,
    /// Euler: only `linear`.
    pub interpolation_type: Option<String>,
    /// Euler: only `discrete`.
    pub timestep_type: Option<String>,
    /// DPM-Solver: 1 or 2.
    pub solver_order: Option<usize>,
    /// DPM-Solver: only `dpmsolver++`.
    pub algorithm_type: Option<String>,
    /// DPM-Solver: only `midpoint`.
    pub solver_type: Option<String>,
    /// DPM-Solver: a first-order last step in short runs.
    pub lower_order_final: Option<bool>,
    /// DPM-Solver: a first-order last step always.
    pub euler_at_final: Option<bool>,
    /// DPM-Solver: leaves out timesteps with a lower log signal-to-noise ratio.
    pub lambda_min_clipped: Option<f64>,
    /// DPM-Solver: only models that do not predict a variance.
    pub variance_type: Option<String>,
}

impl SchedulerConfig {
    /// Reads the text of `scheduler_config.json`.
    pub fn from_json(json: &str) -> Result<Self> {
        // Python writes the default of lambda_min_clipped as -Infinity, which is not JSON.
        serde_json::from_str(&json.replace("-Infinity", "null"))
            .map_err(|error| invalid(Message::verbatim(error)))
    }

    /// The scheduler that the file asks for.
    pub fn scheduler_name(&self) -> Result<SchedulerName> {
        let class_name = self
            .class_name
            .as_deref()
            .ok_or_else(|| invalid(messages::field_missing("_class_name")))?;
        match SchedulerName::from_class_name(class_name) {
            Some(SchedulerName::DpmSolverMultistep) if self.use_karras_sigmas == Some(true) => {
                Ok(SchedulerName::DpmSolverMultistepKarras)
            }
            Some(name) => Ok(name),
            None => Err(unsupported(
                Message::verbatim(class_name),
                messages::choose_scheduler(SchedulerName::list()),
            )),
        }
    }

    /// The config as `StableDiffusionPipeline` sees it: files from before these two fields had their
    /// meaning are put right, for every scheduler alike (its `__init__`, "config is outdated").
    pub fn for_stable_diffusion(self) -> Self {
        SchedulerConfig { steps_offset: Some(1), clip_sample: Some(false), ..self }
    }

    /// The config as `StableDiffusionInpaintPipeline` sees it, likewise.
    pub fn for_inpainting(self) -> Self {
        SchedulerConfig { steps_offset: Some(1), skip_prk_steps: Some(true), ..self }
    }

    /// Number of diffusion steps in training.
    pub(crate) fn train_timesteps(&self) -> Result<usize> {
        match self.num_train_timesteps.unwrap_or(1000) {
            number @ 2..=MAX_TRAIN_TIMESTEPS => Ok(number),
            number => Err(invalid(messages::field_is("num_train_timesteps", number))),
        }
    }

    /// Refuses a number of steps that the training steps cannot be divided into.
    pub(crate) fn check_steps(&self, num_inference_steps: usize) -> Result<()> {
        let most = self.train_timesteps()?;
        if (1..=most).contains(&num_inference_steps) {
            return Ok(());
        }
        Err(bad_steps(num_inference_steps, messages::from_one_to(most)))
    }
}

/// The value that a field of the config stands for, among those that the caller supports.
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

/// Refuses options that are switched on and not supported.
pub(crate) fn refuse(options: &[(&str, Option<bool>)]) -> Result<()> {
    match options.iter().find(|(_, on)| *on == Some(true)) {
        Some((field, _)) => {
            Err(unsupported(Message::verbatim(field), messages::other_scheduler_or_checkpoint()))
        }
        None => Ok(()),
    }
}

/// A config that asks for what no scheduler here does.
pub(crate) fn unsupported(what: Message, remedy: Message) -> Error {
    Error::Unsupported { path: PATH.into(), what, remedy }
}

/// A config that makes no sense.
pub(crate) fn invalid(reason: Message) -> Error {
    Error::InvalidConfig { path: PATH.into(), reason }
}

/// A number of steps that cannot be done.
pub(crate) fn bad_steps(num_inference_steps: usize, reason: Message) -> Error {
    Error::InvalidRequest {
        field: "num_inference_steps",
        value: Message::verbatim(num_inference_steps),
        reason,
    }
}
