//! Settings that an adapter for few steps was distilled for.

use crate::params::PartialParams;
use crate::scheduler::SchedulerName;

/// Settings for an adapter that makes pictures in few steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// Name of the method.
    pub method: &'static str,
    /// Scheduler, number of steps, guidance and, where the method has one, eta.
    pub params: PartialParams,
}

/// A method of distillation.
struct Method {
    name: &'static str,
    /// Words that names of its files have, one after another. The first begins a word, the others are
    /// the beginnings of the next ones.
    signs: &'static [&'static [&'static str]],
    /// Whether the name must have a number of steps: "lightning" and "hyper" are also what pictures show.
    needs_steps: bool,
    /// Schedulers of its authors; the first that there is counts.
    schedulers: &'static [&'static str],
    /// Number of steps where the name has none.
    steps: u64,
    eta: Option<f64>,
}

/// The methods, as their authors run them; guidance is 1, which turns it off.
const METHODS: [Method; 5] = [
    // Ren et al. 2024, arXiv:2404.13686: DDIM with trailing timesteps.
    Method {
        name: "Hyper-SD",
        signs: &[&["hyper", "sd"], &["hypersd"]],
        needs_steps: true,
        schedulers: &["ddim-trailing"],
        steps: 8,
        eta: None,
    },
    // Lin et al. 2024, arXiv:2402.13929: Euler with trailing timesteps.
    Method {
        name: "SDXL-Lightning",
        signs: &[&["lightning"]],
        needs_steps: true,
        schedulers: &["euler-trailing"],
        steps: 4,
        eta: None,
    },
    // Zheng et al. 2024, arXiv:2402.19159. LCM's sampler is TCD's with the most new noise.
    Method {
        name: "TCD",
        signs: &[&["tcd"]],
        needs_steps: false,
        schedulers: &["tcd", "lcm"],
        steps: 4,
        eta: Some(0.3),
    },
    // Yin et al. 2024, arXiv:2405.14867.
    Method {
        name: "DMD2",
        signs: &[&["dmd2"], &["dmd"]],
        needs_steps: false,
        schedulers: &["lcm"],
        steps: 4,
        eta: None,
    },
    // Luo et al. 2023, arXiv:2311.05556.
    Method {
        name: "LCM",
        signs: &[&["lcm"]],
        needs_steps: false,
        schedulers: &["lcm"],
        steps: 4,
        eta: None,
    },
];

/// Guidance of Hyper-SD's adapters that keep it ("CFG" in their names).
const KEPT_GUIDANCE: f64 = 5.0;

/// Most steps that a name can mean.
const MOST_STEPS: u64 = 16;

impl Suggestion {
    /// Returns the settings that one of an adapter's `names` stands for: its file, its title, its address.
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        names.into_iter().find_map(|name| Self::of_name(&words(name)))
    }

    fn of_name(words: &[String]) -> Option<Self> {
        let steps = steps(words);
        let method = METHODS.iter().find(|method| {
            let is_named = method.signs.iter().any(|sign| has(words, sign));
            is_named && (steps.is_some() || !method.needs_steps)
        })?;
        let name = method.schedulers.iter().find_map(|name| name.parse::<SchedulerName>().ok());
        let is_first = name.is_some_and(|name| name.as_str() == method.schedulers[0]);
        let keeps_guidance = words.iter().any(|word| word == "cfg");
        let params = PartialParams {
            scheduler: name,
            num_inference_steps: Some(steps.unwrap_or(method.steps) as usize),
            guidance_scale: Some(if keeps_guidance { KEPT_GUIDANCE } else { 1.0 }),
            eta: method.eta.filter(|_| is_first),
            ..PartialParams::default()
        };
        Some(Suggestion { method: method.name, params })
    }
}

/// Splits a name into words of letters and digits, in lower case.
fn words(name: &str) -> Vec<String> {
    let words = name.split(|letter: char| !letter.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// Returns whether words that begin with those of `sign` follow one another.
fn has(words: &[String], sign: &[&str]) -> bool {
    words.windows(sign.len()).any(|window| {
        let [first, rest @ ..] = window else { return false };
        // "hyperrealism" is no "hyper", but "sdxl" is an "sd".
        let is_first = first == sign[0];
        is_first && rest.iter().zip(&sign[1..]).all(|(word, part)| word.starts_with(part))
    })
}

/// Returns the number in "8steps", "4step" or "2 steps".
fn steps(words: &[String]) -> Option<u64> {
    words.iter().enumerate().find_map(|(index, word)| {
        let before = word.strip_suffix("steps").or_else(|| word.strip_suffix("step"))?;
        let number = match before.is_empty() {
            true => words.get(index.checked_sub(1)?)?,
            false => before,
        };
        number.parse().ok().filter(|steps| (1..=MOST_STEPS).contains(steps))
    })
}

#[cfg(test)]
mod tests {
    use super::Suggestion;

    fn row(names: &[&str]) -> Option<(&'static str, String, usize, f64)> {
        let Suggestion { method, params } = Suggestion::of(names.iter().copied())?;
        let scheduler = params.scheduler?.to_string();
        Some((method, scheduler, params.num_inference_steps?, params.guidance_scale?))
    }

    #[test]
    fn published_adapters_have_settings_of_their_authors() {
        for (name, method, scheduler, steps, guidance) in [
            ("Hyper-SDXL-8steps-lora", "Hyper-SD", "ddim-trailing", 8, 1.0),
            ("Hyper-SD15-1step-lora", "Hyper-SD", "ddim-trailing", 1, 1.0),
            ("Hyper-SDXL-8steps-CFG-lora", "Hyper-SD", "ddim-trailing", 8, 5.0),
            ("sdxl_lightning_4step_lora", "SDXL-Lightning", "euler-trailing", 4, 1.0),
            ("sdxl_lightning_2step_lora", "SDXL-Lightning", "euler-trailing", 2, 1.0),
            ("dmd2_sdxl_4step_lora_fp16", "DMD2", "lcm", 4, 1.0),
            ("lcm-lora-sdv1-5", "LCM", "lcm", 4, 1.0),
            ("LCM_LoRA_Weights_SD15", "LCM", "lcm", 4, 1.0),
        ] {
            let expected = (method, scheduler.to_string(), steps, guidance);
            assert_eq!(row(&[name]), Some(expected), "{name}");
        }
    }

    #[test]
    fn address_tells_what_the_file_does_not() {
        let place = "https://huggingface.co/latent-consistency/lcm-lora-sdxl/resolve/main/pytorch_lora_weights.safetensors";
        let names = ["pytorch_lora_weights", place];
        assert_eq!(row(&names).map(|(method, ..)| method), Some("LCM"));
        let place = "https://huggingface.co/h1t/TCD-SDXL-LoRA/resolve/main/pytorch_lora_weights.safetensors";
        let (method, scheduler, steps, _) =
            row(&["pytorch_lora_weights", place]).unwrap_or_default();
        assert_eq!((method, steps), ("TCD", 4));
        assert!(["tcd", "lcm"].contains(&scheduler.as_str()), "{scheduler}");
    }

    #[test]
    fn adapters_of_styles_have_none() {
        for name in [
            "lightning_style_v2",
            "hyperrealism",
            "hyper-detail-8steps",
            "step_4000",
            "add-detail-xl",
        ] {
            assert_eq!(row(&[name]), None, "{name}");
        }
    }
}
