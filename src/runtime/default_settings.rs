//! Default generation settings of a model.

use crate::scheduler::{SamplerName, SchedulerConfig, SchedulerName};
use crate::weights::{Checkpoint, ModelCard};

/// Default generation settings of a model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DefaultSettings {
    /// Denoising steps.
    pub num_inference_steps: usize,
    /// Scale of classifier-free guidance; 1 switches it off.
    pub guidance_scale: f64,
    /// The model's own scheduler, or the best one for most models if its own is not supported.
    pub scheduler: SchedulerName,
}

/// Returns the settings of the checkpoint's `hearth.json`, else those for models of its kind.
/// `name` identifies the kind where no config does.
pub fn default_settings(checkpoint: &Checkpoint, name: &str) -> DefaultSettings {
    let ModelCard { num_inference_steps, guidance_scale, .. } = checkpoint.model_card;
    let has_model_card = checkpoint.model_card != ModelCard::default();
    let guidance_is_embedded = checkpoint.unet.time_cond_proj_dim.is_some();
    let own = checkpoint.scheduler.scheduler_name();
    let scheduler = own.unwrap_or(SamplerName::DpmSolverMultistep.into());
    match distilled(&checkpoint.scheduler, name).filter(|_| !has_model_card) {
        // LCM: guidance is an input of the UNet, or was distilled into the weights.
        Some(Distilled::Lcm) if guidance_is_embedded => {
            DefaultSettings { num_inference_steps: 4, guidance_scale: 8.0, scheduler }
        }
        Some(_) => DefaultSettings { num_inference_steps: 4, guidance_scale: 1.0, scheduler },
        None => DefaultSettings { num_inference_steps, guidance_scale, scheduler },
    }
}

/// Models distilled to a few steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Distilled {
    Lcm,
    Turbo,
}

fn distilled(scheduler: &SchedulerConfig, name: &str) -> Option<Distilled> {
    let name = name.to_lowercase();
    let trailing = scheduler.timestep_spacing.as_deref() == Some("trailing");
    match scheduler.scheduler_name().map(SchedulerName::sampler) {
        Ok(SamplerName::Lcm) => Some(Distilled::Lcm),
        // The turbo models' configs have this; those of no other published model do.
        Ok(SamplerName::Euler | SamplerName::EulerAncestral) if trailing => Some(Distilled::Turbo),
        _ if ["turbo", "lightning"].iter().any(|word| name.contains(word)) => {
            Some(Distilled::Turbo)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Distilled, distilled};
    use crate::scheduler::SchedulerConfig;

    fn config(class: &str, spacing: &str) -> SchedulerConfig {
        SchedulerConfig {
            class_name: Some(class.to_string()),
            timestep_spacing: Some(spacing.to_string()),
            ..SchedulerConfig::default()
        }
    }

    #[test]
    fn distilled_detects_models_by_scheduler_and_name() {
        let kind = |class, spacing, name| distilled(&config(class, spacing), name);
        assert_eq!(kind("LCMScheduler", "leading", ""), Some(Distilled::Lcm));
        assert_eq!(kind("EulerDiscreteScheduler", "trailing", ""), Some(Distilled::Turbo));
        assert_eq!(kind("EulerDiscreteScheduler", "leading", "sd_turbo"), Some(Distilled::Turbo));
        assert_eq!(kind("EulerDiscreteScheduler", "leading", "sdxl-base"), None);
        assert_eq!(kind("PNDMScheduler", "leading", ""), None);
    }
}
