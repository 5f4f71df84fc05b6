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
    /// Scheduler to use if the model's own is not supported, or not one for few steps.
    pub scheduler: Option<SchedulerName>,
    /// Whether the model's own scheduler is one for few steps.
    pub keeps_own_scheduler: bool,
}

impl UNetFamily {
    /// Returns the settings if the model was distilled to few steps, which its scheduler config,
    /// its structure or else its `name` shows.
    pub fn few_steps(&self, scheduler: &SchedulerConfig, name: &str) -> Option<FewSteps> {
        let guidance_is_embedded = self.unet.time_cond_proj_dim.is_some();
        let kind = distilled(scheduler, guidance_is_embedded, self.is_sdxs(), name)?;
        // LCM: guidance is an input of the UNet, or was distilled into the weights.
        let guidance_scale = if guidance_is_embedded { 8.0 } else { 1.0 };
        Some(FewSteps {
            num_inference_steps: steps_in_name(name).unwrap_or(kind.steps()),
            guidance_scale,
            scheduler: kind.scheduler(),
            keeps_own_scheduler: kind.suits(scheduler),
        })
    }

    /// Returns whether the UNet has the structure of SDXS (Song et al. 2024, arXiv:2403.16627): no
    /// middle block, and no self-attention at full resolution.
    fn is_sdxs(&self) -> bool {
        let plain = !self.unet.attends(0) || self.unet.attends_to_prompt_only(0);
        self.unet.mid_block_type.is_none() && plain
    }
}

/// Methods of distillation to a few steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Distilled {
    /// Latent consistency models.
    Lcm,
    /// Adversarial diffusion distillation: SD Turbo, SDXL Turbo and what was made from them; and
    /// SDXL-Lightning.
    Turbo,
    /// Hyper-SD.
    Hyper,
    /// Distribution matching distillation.
    Dmd,
    /// SDXS.
    OneStep,
}

/// Methods by a part of a model's name: single files say nothing else. Other words that begin so
/// are not meant: "hyperrealism".
const NAMES: [(&str, bool, Distilled); 7] = [
    // The part, whether it must be a whole word, the method.
    ("lcm", false, Distilled::Lcm),
    ("sdxs", false, Distilled::OneStep),
    ("turbo", false, Distilled::Turbo),
    ("lightning", false, Distilled::Turbo),
    ("hyper", true, Distilled::Hyper),
    ("hypersd", true, Distilled::Hyper),
    ("dmd", true, Distilled::Dmd),
];

impl Distilled {
    /// Returns the usual number of steps.
    fn steps(self) -> usize {
        match self {
            Distilled::Lcm | Distilled::Turbo | Distilled::Dmd => 4,
            Distilled::Hyper => 8,
            Distilled::OneStep => 1,
        }
    }

    /// Returns the scheduler of the method's authors.
    fn scheduler(self) -> Option<SchedulerName> {
        let trailing = |sampler| SchedulerName::new(sampler, Some(SigmaSchedule::Trailing)).ok();
        match self {
            Distilled::Lcm | Distilled::Dmd => Some(SamplerName::Lcm.into()),
            Distilled::Turbo => trailing(SamplerName::Euler),
            // SDXS' config names DEIS, whose only step is that of DDIM.
            Distilled::Hyper | Distilled::OneStep => trailing(SamplerName::Ddim),
        }
    }

    /// Returns whether a model's own scheduler is one for few steps. A single file has the preset
    /// of the model it was made from, and a folder may have kept that: PNDM or leading timesteps.
    fn suits(self, scheduler: &SchedulerConfig) -> bool {
        let is_trailing = scheduler.timestep_spacing.as_deref() == Some("trailing");
        match (self, scheduler.scheduler_name().map(SchedulerName::sampler)) {
            (_, Ok(SamplerName::Lcm)) => true,
            (Distilled::Lcm | Distilled::Dmd, _) => false,
            // Some samplers have noise levels of their own.
            (_, Ok(sampler)) => is_trailing || sampler.row().own_sigmas.is_some(),
            _ => true,
        }
    }
}

/// Returns the method. Trailing timesteps alone are no evidence: models that were trained with zero
/// terminal SNR have them, too.
fn distilled(
    scheduler: &SchedulerConfig,
    guidance_is_embedded: bool,
    is_sdxs: bool,
    name: &str,
) -> Option<Distilled> {
    let is_lcm = scheduler.scheduler_name().map(SchedulerName::sampler) == Ok(SamplerName::Lcm);
    if is_lcm {
        return Some(Distilled::Lcm);
    }
    if is_sdxs {
        return Some(Distilled::OneStep);
    }
    // A UNet with a guidance embedding was distilled as an LCM; only LCMs' configs have such steps.
    if guidance_is_embedded || scheduler.original_inference_steps.is_some() {
        return Some(Distilled::Lcm);
    }
    let (lower, words) = (name.to_lowercase(), words(name));
    let is_in = |part: &str, is_word: bool| match is_word {
        true => words.iter().any(|word| word == part),
        false => lower.contains(part),
    };
    let found = NAMES.iter().find(|(part, is_word, _)| is_in(part, *is_word));
    found.map(|(_, _, kind)| *kind)
}

/// Splits a name into lower case words: at signs, digits, and capitals after small letters.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for letter in name.chars() {
        if !letter.is_alphabetic() || (was_small && letter.is_uppercase()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphabetic()) {
            word.extend(letter.to_lowercase());
        }
        was_small = letter.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Returns the number of steps in a name: `sdxl_lightning_8step`, `Hyper-SD15-4steps`.
fn steps_in_name(name: &str) -> Option<usize> {
    const MOST: usize = 16;
    let name = name.to_lowercase();
    let (before, _) = name.split_once("step")?;
    let before = before.trim_end_matches(['-', '_', ' ']);
    let digits = before.len() - before.bytes().rev().take_while(u8::is_ascii_digit).count();
    before[digits..].parse().ok().filter(|steps| (1..=MOST).contains(steps))
}

#[cfg(test)]
mod tests {
    use super::{Distilled, SamplerName, distilled, steps_in_name};
    use crate::scheduler::SchedulerConfig;

    fn config(class: &str, spacing: &str) -> SchedulerConfig {
        SchedulerConfig {
            class_name: Some(class.to_string()),
            timestep_spacing: Some(spacing.to_string()),
            ..SchedulerConfig::default()
        }
    }

    #[test]
    fn distilled_detects_models_by_config_and_structure() {
        let kind = |class, spacing| distilled(&config(class, spacing), false, false, "model");
        assert_eq!(kind("LCMScheduler", "leading"), Some(Distilled::Lcm));
        assert_eq!(kind("EulerDiscreteScheduler", "trailing"), None);
        assert_eq!(kind("EulerAncestralDiscreteScheduler", "trailing"), None);
        assert_eq!(kind("PNDMScheduler", "leading"), None);
        let pndm = config("PNDMScheduler", "leading");
        assert_eq!(distilled(&pndm, true, false, ""), Some(Distilled::Lcm));
        let steps = SchedulerConfig { original_inference_steps: Some(50), ..pndm };
        assert_eq!(distilled(&steps, false, false, ""), Some(Distilled::Lcm));
        let sdxs = |class| distilled(&config(class, "linspace"), false, true, "");
        assert_eq!(sdxs("DEISMultistepScheduler"), Some(Distilled::OneStep));
        assert_eq!(sdxs("LCMScheduler"), Some(Distilled::Lcm));
    }

    #[test]
    fn distilled_detects_models_by_name() {
        let plain = config("PNDMScheduler", "leading");
        for (name, kind) in [
            ("dreamshaper_8LCM.safetensors", Some(Distilled::Lcm)),
            ("SimianLuo/LCM_Dreamshaper_v7", Some(Distilled::Lcm)),
            ("stabilityai/sd-turbo", Some(Distilled::Turbo)),
            ("dreamshaperXL_v21TurboDPMSDE.safetensors", Some(Distilled::Turbo)),
            ("sdxl_lightning_8step.safetensors", Some(Distilled::Turbo)),
            ("Hyper-SDXL-8steps.safetensors", Some(Distilled::Hyper)),
            ("realvisxlV50_hyperSD.safetensors", Some(Distilled::Hyper)),
            ("dmd2_sdxl_4step_unet_fp16", Some(Distilled::Dmd)),
            ("IDKiro/sdxs-512-dreamshaper", Some(Distilled::OneStep)),
            ("hyperrealism_v3.safetensors", None),
            ("dreamshaper_8.safetensors", None),
            ("sd_xl_base_1.0", None),
        ] {
            assert_eq!(distilled(&plain, false, false, name), kind, "{name}");
        }
    }

    #[test]
    fn own_scheduler_is_kept_if_it_is_for_few_steps() {
        for (kind, class, spacing, keeps) in [
            (Distilled::Lcm, "PNDMScheduler", "leading", false),
            (Distilled::Lcm, "LCMScheduler", "leading", true),
            (Distilled::Turbo, "PNDMScheduler", "leading", false),
            (Distilled::Turbo, "EulerDiscreteScheduler", "leading", false),
            (Distilled::Turbo, "EulerAncestralDiscreteScheduler", "trailing", true),
            (Distilled::Turbo, "DPMSolverMultistepScheduler", "linspace", true),
            (Distilled::Hyper, "DDIMScheduler", "trailing", true),
        ] {
            assert_eq!(kind.suits(&config(class, spacing)), keeps, "{kind:?} {class}");
        }
        let name = |kind: Distilled| kind.scheduler().map(|name| name.to_string());
        assert_eq!(name(Distilled::Lcm).as_deref(), Some("lcm"));
        assert_eq!(name(Distilled::Turbo).as_deref(), Some("euler-trailing"));
        assert_eq!(name(Distilled::Hyper).as_deref(), Some("ddim-trailing"));
        assert_eq!(Distilled::Dmd.scheduler(), Some(SamplerName::Lcm.into()));
    }

    #[test]
    fn steps_in_name_are_read() {
        assert_eq!(steps_in_name("sdxl_lightning_8step.safetensors"), Some(8));
        assert_eq!(steps_in_name("Hyper-SD15-4-steps"), Some(4));
        assert_eq!(steps_in_name("model_step_120000"), None);
        assert_eq!(steps_in_name("model-9000steps"), None);
        assert_eq!(steps_in_name("turbo"), None);
    }
}
