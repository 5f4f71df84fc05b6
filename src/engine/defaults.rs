//! The default parameters of a model.

use crate::params::GenerationParams;
use crate::scheduler::{SchedulerConfig, SchedulerName};
use crate::weights::{Checkpoint, Sheet};

/// The parameters of a picture that nobody has said anything about: what the checkpoint's sheet says, else
/// what models of its kind are distilled for. `name` may tell the kind where no config does. Where its own
/// scheduler is none of ours, it is the one that does best for most models.
pub fn defaults(checkpoint: &Checkpoint, name: &str) -> GenerationParams {
    let Sheet { num_inference_steps, guidance_scale, default_prompt, .. } = &checkpoint.sheet;
    let has_sheet = checkpoint.sheet != Sheet::default();
    let guidance_is_embedded = checkpoint.unet.time_cond_proj_dim.is_some();
    let own = checkpoint.scheduler.scheduler_name();
    let (num_inference_steps, guidance_scale) =
        match distilled(&checkpoint.scheduler, name).filter(|_| !has_sheet) {
            // Latent consistency: guidance is a condition of the UNet, or was part of the training.
            Some(Distilled::Lcm) if guidance_is_embedded => (4, 8.0),
            Some(_) => (4, 1.0),
            None => (*num_inference_steps, *guidance_scale),
        };
    let [width, height] = checkpoint.own_size();
    GenerationParams {
        prompt: default_prompt.clone(),
        num_inference_steps,
        guidance_scale,
        scheduler: Some(own.unwrap_or(SchedulerName::DpmSolverMultistep)),
        width,
        height,
        ..GenerationParams::default()
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
    match scheduler.scheduler_name() {
        Ok(SchedulerName::Lcm) => Some(Distilled::Lcm),
        // The turbo models' own configs say this; no other published model's does.
        Ok(SchedulerName::Euler | SchedulerName::EulerAncestral) if trailing => {
            Some(Distilled::Turbo)
        }
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
