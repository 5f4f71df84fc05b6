//! Choice and preparation of a scheduler.

use super::config::{SchedulerConfig, invalid, unsupported};
use super::name::SchedulerName;
use super::sampler::SamplerOptions;
use super::samplers::{AnySampler, SamplerName};
use super::sigma_curve::SigmaCurve;
use super::sigma_schedule::SigmaSchedule;
use crate::error::{Error, Message, Result, messages};

impl SchedulerConfig {
    /// Returns the name of the config's scheduler.
    ///
    /// # Errors
    /// If it names none, or one that is not supported.
    pub fn scheduler_name(&self) -> Result<SchedulerName> {
        let class_name = self.class_name.as_deref();
        let class_name =
            class_name.ok_or_else(|| invalid(messages::field_missing("_class_name")))?;
        let sampler = SamplerName::from_class_name(class_name).ok_or_else(|| {
            let remedy = messages::choose_scheduler(SchedulerName::list());
            unsupported(Message::verbatim(class_name), remedy)
        })?;
        let sigmas = SigmaCurve::from_config(self)?.map(|curve| match curve {
            SigmaCurve::Karras => SigmaSchedule::Karras,
            SigmaCurve::Exponential => SigmaSchedule::Exponential,
            SigmaCurve::Beta => SigmaSchedule::Beta,
        });
        // A class without such an option ignores it.
        let sigmas = sigmas.filter(|_| sampler.row().class_has_curves);
        SchedulerName::new(sampler, sigmas)
    }
}

/// Prepares the scheduler `name`, or the one that the checkpoint's config names.
///
/// With another scheduler than the checkpoint's, the config's fields are carried over, as by
/// `Other.from_config(pipe.scheduler.config)` in diffusers, except for the noise levels if `name`
/// selects them.
///
/// # Errors
///
/// If the scheduler does not support an option of the config or the number of steps, or is for models of
/// another kind.
pub fn create(name: Option<SchedulerName>, options: &SamplerOptions) -> Result<AnySampler> {
    let name = match name {
        Some(name) if name.sampler().row().is_of_flow() && !options.config.is_flow() => {
            let value = Message::verbatim(format!("{name:?}", name = name.as_str()));
            let reason = messages::needs_flow_model();
            return Err(Error::InvalidRequest { field: "scheduler", value, reason });
        }
        Some(name) => name,
        None => options.config.scheduler_name()?,
    };
    let sigmas = name.sigmas();
    match sigmas {
        Some(selected) => {
            let config = &with_sigmas(options.config, selected);
            AnySampler::new(name.sampler(), &SamplerOptions { config, sigmas, ..options.clone() })
        }
        None => AnySampler::new(name.sampler(), options),
    }
}

/// Returns `config` with these noise levels in place of its own.
fn with_sigmas(config: &SchedulerConfig, sigmas: SigmaSchedule) -> SchedulerConfig {
    let off = config.without_sigma_curve();
    let on = Some(true);
    match sigmas {
        SigmaSchedule::Karras => SchedulerConfig { use_karras_sigmas: on, ..off },
        SigmaSchedule::Exponential => SchedulerConfig { use_exponential_sigmas: on, ..off },
        SigmaSchedule::Beta => SchedulerConfig { use_beta_sigmas: on, ..off },
        SigmaSchedule::Leading | SigmaSchedule::Linspace | SigmaSchedule::Trailing => {
            SchedulerConfig { timestep_spacing: Some(sigmas.as_str().to_string()), ..off }
        }
        // Uniform, or a list that no config can state.
        _ => off,
    }
}
