//! How a model is usually run, where it does not say so itself.

use crate::scheduler::{SamplerName, SchedulerConfig, SchedulerName};
use crate::weights::{Checkpoint, Sheet};

/// A model's usual settings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usual {
    /// Denoising steps.
    pub num_inference_steps: usize,
    /// Classifier-free guidance; at 1 there is none.
    pub guidance_scale: f64,
    /// Its own scheduler; where that is none of ours, the one that does best for most models.
    pub scheduler: SchedulerName,
}

/// What the checkpoint's sheet says, else what models of its kind are distilled for. `name` may tell
/// the kind where no config does.
pub fn usual(checkpoint: &Checkpoint, name: &str) -> Usual {
    let Sheet { num_inference_steps, guidance_scale, .. } = checkpoint.sheet;
    let has_sheet = checkpoint.sheet != Sheet::default();
    let guidance_is_embedded = checkpoint.unet.time_cond_proj_dim.is_some();
    let own = checkpoint.scheduler.scheduler_name();
    let scheduler = own.unwrap_or(SamplerName::DpmSolverMultistep.into());
    match distilled(&checkpoint.scheduler, name).filter(|_| !has_sheet) {
        // Latent consistency: guidance is a condition of the UNet, or was part of the training.
        Some(Distilled::Lcm) if guidance_is_embedded => {
            Usual { num_inference_steps: 4, guidance_scale: 8.0, scheduler }
        }
        Some(_) => Usual { num_inference_steps: 4, guidance_scale: 1.0, scheduler },
        None => Usual { num_inference_steps, guidance_scale, scheduler },
    }
}

/// Models that need a few steps only.
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
        // The turbo models' own configs say this; no other published model's does.
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
    fn few_steps_are_for_models_that_were_distilled_for_them() {
        let kind = |class, spacing, name| distilled(&config(class, spacing), name);
        assert_eq!(kind("LCMScheduler", "leading", ""), Some(Distilled::Lcm));
        assert_eq!(kind("EulerDiscreteScheduler", "trailing", ""), Some(Distilled::Turbo));
        assert_eq!(kind("EulerDiscreteScheduler", "leading", "sd_turbo"), Some(Distilled::Turbo));
        assert_eq!(kind("EulerDiscreteScheduler", "leading", "sdxl-base"), None);
        assert_eq!(kind("PNDMScheduler", "leading", ""), None);
    }
}
