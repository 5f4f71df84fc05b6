//! Names of samplers in AUTOMATIC1111's words (`modules/sd_samplers_kdiffusion.py`,
//! `modules/sd_samplers_timesteps.py`, `modules/sd_schedulers.py`).

use crate::scheduler::SchedulerName;

/// `Sampler` and `Schedule type`. `Automatic` is what suits a sampler best there, which for DPM++ 2M is
/// Karras.
pub fn names(scheduler: SchedulerName) -> (&'static str, &'static str) {
    match scheduler {
        SchedulerName::Ddim => ("DDIM", "Automatic"),
        SchedulerName::Pndm => ("PLMS", "Automatic"),
        SchedulerName::Euler => ("Euler", "Automatic"),
        SchedulerName::EulerAncestral => ("Euler a", "Automatic"),
        SchedulerName::DpmSolverMultistep => ("DPM++ 2M", "Uniform"),
        SchedulerName::DpmSolverMultistepKarras => ("DPM++ 2M", "Karras"),
        SchedulerName::Lcm => ("LCM", "Automatic"),
    }
}

/// What was understood of two such names.
#[derive(Debug, PartialEq, Eq)]
pub struct Understood {
    /// The sampler, if there is one like it.
    pub scheduler: Option<SchedulerName>,
    /// Whether its noise levels are those that were asked for.
    pub schedule: bool,
}

/// The sampler of these names, in whatever spelling: `DPM++ 2M Karras`, `dpmpp_2m` with `karras`,
/// `k_euler_ancestral`. Before version 1.9 there was no `Schedule type`; it stood in the sampler's name.
pub fn understand(sampler: &str, schedule: Option<&str>) -> Understood {
    let sampler = plain(sampler);
    let schedule = schedule.map(plain);
    let (sampler, in_name) = match sampler.strip_suffix("karras") {
        Some(sampler) => (sampler, true),
        None => (sampler.as_str(), false),
    };
    let sampler = sampler.strip_prefix('k').unwrap_or(sampler);
    let is_karras = in_name || schedule.as_deref() == Some("karras");
    let is_usual = !in_name
        && matches!(schedule.as_deref(), None | Some("automatic" | "uniform" | "normal" | ""));
    let without_karras = |scheduler| Understood { scheduler: Some(scheduler), schedule: is_usual };
    match sampler {
        "euler" => without_karras(SchedulerName::Euler),
        "eulera" | "eulerancestral" => without_karras(SchedulerName::EulerAncestral),
        "ddim" => without_karras(SchedulerName::Ddim),
        "plms" | "pndm" => without_karras(SchedulerName::Pndm),
        "lcm" => without_karras(SchedulerName::Lcm),
        "dpmpp2m" | "dpmsolverpp" | "dpmsolverpp2m" | "dpmsolvermultistep" => {
            let automatic = schedule.as_deref() == Some("automatic");
            let scheduler = match is_karras || automatic {
                true => SchedulerName::DpmSolverMultistepKarras,
                false => SchedulerName::DpmSolverMultistep,
            };
            Understood { scheduler: Some(scheduler), schedule: is_karras || is_usual }
        }
        _ => Understood { scheduler: None, schedule: true },
    }
}

/// Letters and digits alone: `DPM++ 2M` and `dpmpp_2m` are the same.
fn plain(name: &str) -> String {
    const LONGEST: usize = 64;
    let name: String = name.chars().take(LONGEST).collect();
    name.to_lowercase().replace("++", "pp").chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::{names, understand};
    use crate::scheduler::SchedulerName;

    #[test]
    fn own_names_are_understood() {
        for scheduler in SchedulerName::ALL {
            let (sampler, schedule) = names(scheduler);
            let understood = understand(sampler, Some(schedule));
            assert_eq!((understood.scheduler, understood.schedule), (Some(scheduler), true));
            let understood = understand(scheduler.as_str(), None);
            assert_eq!((understood.scheduler, understood.schedule), (Some(scheduler), true));
        }
    }

    #[test]
    fn other_spellings_are_understood() {
        use SchedulerName as S;
        for (sampler, schedule, scheduler) in [
            ("Euler a", None, S::EulerAncestral),
            ("k_euler_ancestral", None, S::EulerAncestral),
            ("k_euler", Some("normal"), S::Euler),
            ("DPM++ 2M Karras", None, S::DpmSolverMultistepKarras),
            ("DPM++ 2M", Some("Karras"), S::DpmSolverMultistepKarras),
            ("DPM++ 2M", Some("Automatic"), S::DpmSolverMultistepKarras),
            ("DPM++ 2M", None, S::DpmSolverMultistep),
            ("dpmpp_2m", Some("karras"), S::DpmSolverMultistepKarras),
            ("PLMS", None, S::Pndm),
        ] {
            let understood = understand(sampler, schedule);
            assert_eq!(understood.scheduler, Some(scheduler), "{sampler} {schedule:?}");
            assert!(understood.schedule, "{sampler} {schedule:?}");
        }
    }

    #[test]
    fn what_is_not_there_is_not_guessed() {
        for sampler in ["DPM++ 2M SDE Karras", "UniPC", "Heun", "LMS", "", "ddimx"] {
            assert_eq!(understand(sampler, None).scheduler, None, "{sampler}");
        }
        let euler = understand("Euler", Some("Karras"));
        assert_eq!((euler.scheduler, euler.schedule), (Some(SchedulerName::Euler), false));
        assert!(!understand("DPM++ 2M", Some("Exponential")).schedule);
    }
}
