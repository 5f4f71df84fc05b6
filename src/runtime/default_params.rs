//! Default parameters of a model.

use crate::families::Checkpoint;
use crate::params::GenerationParams;
use crate::scheduler::{SamplerName, SchedulerConfig, SchedulerName};
use crate::weights::ModelCard;

/// Returns the parameters of the checkpoint's `hearth.json`, else those for models of its kind.
/// `name` identifies the kind where no config does. If the model's own scheduler is not supported,
/// the scheduler is the best one for most models.
pub fn default_params(checkpoint: &Checkpoint, name: &str) -> GenerationParams {
    let ModelCard { num_inference_steps, guidance_scale, default_prompt, .. } =
        &checkpoint.model_card;
    let has_model_card = checkpoint.model_card != ModelCard::default();
    let guidance_is_embedded = checkpoint.family.facts().time_cond_proj_dim.is_some();
    let own = checkpoint.scheduler.scheduler_name();
    let (num_inference_steps, guidance_scale) =
        match distilled(&checkpoint.scheduler, name).filter(|_| !has_model_card) {
            // LCM: guidance is an input of the UNet, or was distilled into the weights.
            Some(Distilled::Lcm) if guidance_is_embedded => (4, 8.0),
            Some(_) => (4, 1.0),
            None => (*num_inference_steps, *guidance_scale),
        };
    let [width, height] = checkpoint.own_size();
    GenerationParams {
        prompt: default_prompt.clone(),
        num_inference_steps,
        guidance_scale,
        scheduler: Some(own.unwrap_or(SamplerName::DpmSolverMultistep.into())),
        width,
        height,
        ..GenerationParams::default()
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
