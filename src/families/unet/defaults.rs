//! Default settings of models distilled to few steps.

use super::family::UNetFamily;
use crate::scheduler::{SamplerName, SchedulerConfig, SchedulerName, SigmaSchedule};

/// Default settings of a model that was distilled to few steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FewSteps {
    /// Number of steps.
    pub num_inference_steps: usize,
    /// Guidance scale; 1 disables guidance.
    pub guidance_scale: f64,
    /// Scheduler to use if the model's own is not supported.
    pub scheduler: Option<SchedulerName>,
}

impl UNetFamily {
    /// Returns the settings if the model was distilled to few steps, which its scheduler config,
    /// its structure or else its `name` shows.
    pub fn few_steps(&self, scheduler: &SchedulerConfig, name: &str) -> Option<FewSteps> {
        let steps = |num_inference_steps, guidance_scale, scheduler| FewSteps {
            num_inference_steps,
            guidance_scale,
            scheduler,
        };
        let guidance_is_embedded = self.unet.time_cond_proj_dim.is_some();
        Some(match distilled(scheduler, self.is_sdxs(), name)? {
            // LCM: guidance is an input of the UNet, or was distilled into the weights.
            Distilled::Lcm if guidance_is_embedded => steps(4, 8.0, None),
            Distilled::Lcm | Distilled::Turbo => steps(4, 1.0, None),
            // Its config names DEIS, whose only step is this one.
            Distilled::OneStep => {
                let trailing = Some(SigmaSchedule::Trailing);
                steps(1, 1.0, SchedulerName::new(SamplerName::Ddim, trailing).ok())
            }
        })
    }

    /// Returns whether the UNet has the structure of SDXS (Song et al. 2024, arXiv:2403.16627): no
    /// middle block, and no self-attention at full resolution.
    fn is_sdxs(&self) -> bool {
        let plain = !self.unet.attends(0) || self.unet.attends_to_prompt_only(0);
        self.unet.mid_block_type.is_none() && plain
    }
}

/// Models distilled to a few steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Distilled {
    Lcm,
    Turbo,
    OneStep,
}

fn distilled(scheduler: &SchedulerConfig, is_sdxs: bool, name: &str) -> Option<Distilled> {
    let name = name.to_lowercase();
    let trailing = scheduler.timestep_spacing.as_deref() == Some("trailing");
    match scheduler.scheduler_name().map(SchedulerName::sampler) {
        Ok(SamplerName::Lcm) => Some(Distilled::Lcm),
        _ if is_sdxs => Some(Distilled::OneStep),
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
    fn distilled_detects_models_by_scheduler_structure_and_name() {
        let kind = |class, spacing, name| distilled(&config(class, spacing), false, name);
        assert_eq!(kind("LCMScheduler", "leading", ""), Some(Distilled::Lcm));
        assert_eq!(kind("EulerDiscreteScheduler", "trailing", ""), Some(Distilled::Turbo));
        assert_eq!(kind("EulerDiscreteScheduler", "leading", "sd_turbo"), Some(Distilled::Turbo));
        assert_eq!(kind("EulerDiscreteScheduler", "leading", "sdxl-base"), None);
        assert_eq!(kind("PNDMScheduler", "leading", ""), None);
        let sdxs = |class| distilled(&config(class, "linspace"), true, "");
        assert_eq!(sdxs("DEISMultistepScheduler"), Some(Distilled::OneStep));
        assert_eq!(sdxs("LCMScheduler"), Some(Distilled::Lcm));
    }
}
