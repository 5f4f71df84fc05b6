//! Sampler names of AUTOMATIC1111's web UI.
//!
//! `modules/sd_samplers_kdiffusion.py`, `modules/sd_samplers_timesteps.py`,
//! `modules/sd_schedulers.py`.

use crate::scheduler::{SamplerName, SchedulerName, SigmaSchedule};

/// `Schedule type` of each sigma schedule. The web UI's own name comes first.
const SCHEDULE_TYPES: [(&str, SigmaSchedule); 8] = [
    ("Uniform", SigmaSchedule::Uniform),
    ("Karras", SigmaSchedule::Karras),
    ("Exponential", SigmaSchedule::Exponential),
    ("Beta", SigmaSchedule::Beta),
    ("DDIM", SigmaSchedule::Leading),
    ("Normal", SigmaSchedule::Linspace),
    ("Turbo", SigmaSchedule::Trailing),
    ("Simple", SigmaSchedule::Trailing),
];

/// Returns `Sampler` and `Schedule type`. `Automatic` is the web UI's default for a sampler.
pub fn names(scheduler: SchedulerName) -> (&'static str, &'static str) {
    let schedule_type = SCHEDULE_TYPES.iter().find(|(_, own)| Some(*own) == scheduler.sigmas());
    let schedule_type = schedule_type.map_or("Automatic", |(name, _)| name);
    (scheduler.sampler().row().webui_name, schedule_type)
}

/// Result of [`parse`].
#[derive(Debug, PartialEq, Eq)]
pub struct ParsedSampler {
    /// Sampler, if there is one of this name.
    pub scheduler: Option<SchedulerName>,
    /// Whether the sampler has the requested sigma schedule.
    pub schedule: bool,
}

/// Parses these names in any spelling: `DPM++ 2M Karras`, `dpmpp_2m` with `karras`,
/// `k_euler_ancestral`. Before version 1.9 there was no `Schedule type`; it was part of the
/// sampler's name.
pub fn parse(sampler: &str, schedule: Option<&str>) -> ParsedSampler {
    let name = plain(sampler);
    let Some((sampler, in_name)) = sampler_of(&name) else {
        return ParsedSampler { scheduler: None, schedule: true };
    };
    let row = sampler.row();
    let schedule = schedule.map(plain);
    let bare = SchedulerName::from(sampler);
    let sigmas = match (in_name, schedule.as_deref()) {
        (Some(sigmas), _) => Some(sigmas),
        (None, None | Some("")) => bare.sigmas(),
        (None, Some("automatic")) => row.webui_automatic.or(bare.sigmas()),
        // The only schedule of a sampler without a choice.
        (None, Some("uniform" | "normal")) if row.sigmas.is_empty() => None,
        (None, Some("uniform")) if !row.sigmas.contains(&SigmaSchedule::Uniform) => None,
        (None, Some(schedule)) => match schedule_of(schedule) {
            Some(sigmas) => Some(sigmas),
            None => return ParsedSampler { scheduler: Some(bare), schedule: false },
        },
    };
    match SchedulerName::new(sampler, sigmas) {
        Ok(scheduler) => ParsedSampler { scheduler: Some(scheduler), schedule: true },
        Err(_) => ParsedSampler { scheduler: Some(bare), schedule: false },
    }
}

/// Returns the scheduler of a name in any spelling, if it has the schedule that the name asks for.
pub fn scheduler_of_any_name(name: &str) -> Option<SchedulerName> {
    let ParsedSampler { scheduler, schedule } = parse(name, None);
    scheduler.filter(|_| schedule)
}

/// Returns the sampler of a name, and the sigma schedule at the name's end.
fn sampler_of(name: &str) -> Option<(SamplerName, Option<SigmaSchedule>)> {
    let known = |name: &str| {
        SamplerName::ALL.iter().copied().find(|sampler| {
            let row = sampler.row();
            plain(row.name) == name || plain(row.webui_name) == name || row.aliases.contains(&name)
        })
    };
    let known = |name: &str| known(name).or_else(|| known(name.strip_prefix('k')?));
    if let Some(sampler) = known(name) {
        return Some((sampler, None));
    }
    let own = SigmaSchedule::ALL.into_iter().map(|sigmas| (sigmas.as_str(), sigmas));
    let mut ends = own.filter_map(|(end, sigmas)| Some((name.strip_suffix(end)?, sigmas)));
    ends.find_map(|(rest, sigmas)| Some((known(rest)?, Some(sigmas))))
}

fn schedule_of(name: &str) -> Option<SigmaSchedule> {
    let theirs = SCHEDULE_TYPES.into_iter().find(|(theirs, _)| plain(theirs) == name);
    theirs.map(|(_, sigmas)| sigmas).or_else(|| SigmaSchedule::from_name(name))
}

/// Reduces a name to letters and digits: `DPM++ 2M` and `dpmpp_2m` are the same.
fn plain(name: &str) -> String {
    const LONGEST: usize = 64;
    let name: String = name.chars().take(LONGEST).collect();
    name.to_lowercase().replace("++", "pp").chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::{names, parse};
    use crate::scheduler::{SamplerName, SchedulerName};

    #[test]
    fn parse_own_name_returns_scheduler() {
        for scheduler in SchedulerName::all() {
            let (sampler, schedule) = names(scheduler);
            let parsed = parse(sampler, Some(schedule));
            let expected = (Some(scheduler), true);
            assert_eq!((parsed.scheduler, parsed.schedule), expected, "{scheduler}");
            let parsed = parse(&scheduler.to_string(), None);
            assert_eq!((parsed.scheduler, parsed.schedule), expected, "{scheduler}");
        }
    }

    #[test]
    fn parse_other_spelling_returns_scheduler() {
        for (sampler, schedule, scheduler) in [
            ("Euler a", None, "euler-ancestral"),
            ("k_euler_ancestral", None, "euler-ancestral"),
            ("k_euler", Some("normal"), "euler-linspace"),
            ("Euler", Some("Karras"), "euler-karras"),
            ("DPM++ 2M Karras", None, "dpmpp-2m-karras"),
            ("DPM++ 2M", Some("Karras"), "dpmpp-2m-karras"),
            ("DPM++ 2M", Some("Automatic"), "dpmpp-2m-karras"),
            ("DPM++ 2M", Some("Exponential"), "dpmpp-2m-exponential"),
            ("DPM++ 2M", None, "dpmpp-2m"),
            ("dpmpp_2m", Some("karras"), "dpmpp-2m-karras"),
            ("DPMSolverMultistep", None, "dpmpp-2m"),
            ("DPM2 Karras", None, "kdpm2-karras"),
            ("k_dpm_2", None, "kdpm2"),
            ("Heun", Some("Beta"), "heun-beta"),
            ("PLMS", None, "pndm"),
            ("PNDM", Some("Uniform"), "pndm"),
            ("LCM", Some("Uniform"), "lcm"),
        ] {
            let parsed = parse(sampler, schedule);
            let name = parsed.scheduler.map(|name| name.to_string());
            assert_eq!(name.as_deref(), Some(scheduler), "{sampler} {schedule:?}");
            assert!(parsed.schedule, "{sampler} {schedule:?}");
        }
    }

    #[test]
    fn parse_unknown_name_returns_none() {
        for sampler in ["DPM++ 2M SDE Karras", "UniPC", "LMS", "", "ddimx"] {
            assert_eq!(parse(sampler, None).scheduler, None, "{sampler}");
        }
        let ddim = parse("DDIM", Some("Karras"));
        assert_eq!((ddim.scheduler, ddim.schedule), (Some(SamplerName::Ddim.into()), false));
        assert!(!parse("DPM++ 2M", Some("Align Your Steps")).schedule);
    }
}
