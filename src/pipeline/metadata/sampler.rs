//! Names of samplers and sigma schedules in AUTOMATIC1111's web UI, Forge and ComfyUI.
//!
//! `modules/sd_samplers_kdiffusion.py`, `modules/sd_samplers_timesteps.py`,
//! `modules/sd_schedulers.py` of the web UI; `comfy/samplers.py` of ComfyUI.

use crate::scheduler::{SamplerName, SchedulerName, SigmaSchedule};

/// Returns `Sampler` and `Schedule type`. `Automatic` is the web UI's default for a sampler. The
/// checkpoint's schedule has no name there; `Uniform` is the nearest where `Automatic` is another one.
pub fn names(scheduler: SchedulerName) -> (&'static str, &'static str) {
    let row = scheduler.sampler().row();
    let schedule_type = match (scheduler.sigmas(), row.webui_automatic) {
        (Some(sigmas), _) => sigmas.row().webui_name,
        (None, Some(_)) => SigmaSchedule::Uniform.row().webui_name,
        (None, None) => "Automatic",
    };
    (row.webui_name, schedule_type)
}

/// Result of [`parse`].
#[derive(Debug, PartialEq, Eq)]
pub struct ParsedSampler {
    /// Sampler, if there is one of this name.
    pub scheduler: Option<SchedulerName>,
    /// Whether the sampler has the requested sigma schedule.
    pub schedule: bool,
}

/// Program whose names are parsed. Where both have a name, its numbers may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// AUTOMATIC1111's web UI, Forge, diffusers and Hearth.
    WebUi,
    /// ComfyUI, and programs on top of it.
    ComfyUi,
}

/// Parses these names in any spelling: `DPM++ 2M Karras`, `dpmpp_2m` with `karras`,
/// `k_euler_ancestral`. Before version 1.9 there was no `Schedule type`; it was part of the
/// sampler's name.
pub fn parse(sampler: &str, schedule: Option<&str>) -> ParsedSampler {
    parse_names(sampler, schedule, Names::WebUi)
}

/// Parses the names of a program.
pub fn parse_names(sampler: &str, schedule: Option<&str>, names: Names) -> ParsedSampler {
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
        (None, Some("automatic")) => SchedulerName::automatic(sampler).sigmas(),
        // A sampler with levels of its own ignores the schedule that is stated beside it.
        (None, Some(_)) if row.sigmas.is_empty() => None,
        (None, Some("uniform")) if !row.sigmas.contains(&SigmaSchedule::Uniform) => None,
        (None, Some(schedule)) => match schedule_for(row.sigmas, schedule, names) {
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

/// Returns the sigma schedule of a name in any spelling.
pub fn schedule_of_any_name(name: &str) -> Option<SigmaSchedule> {
    schedule_of(&plain(name), Names::WebUi)
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
    SigmaSchedule::ALL.iter().find_map(|sigmas| {
        let row = sigmas.row();
        let ends = [plain(row.name), plain(row.webui_name)];
        let mut ends = ends.iter().map(String::as_str).chain(row.aliases.iter().copied());
        ends.find_map(|end| Some((known(name.strip_suffix(end)?)?, Some(*sigmas))))
    })
}

/// Returns the schedule of a plain name: the program's own first, then any other name.
fn schedule_of(name: &str, names: Names) -> Option<SigmaSchedule> {
    schedule_for(&[], name, names)
}

/// Returns the schedule of a plain name, of several rather one of `preferred`.
fn schedule_for(preferred: &[SigmaSchedule], name: &str, names: Names) -> Option<SigmaSchedule> {
    let find = |test: &dyn Fn(SigmaSchedule) -> bool| {
        preferred.iter().chain(SigmaSchedule::ALL).copied().find(|sigmas| test(*sigmas))
    };
    let of_comfyui =
        |sigmas: SigmaSchedule| sigmas.row().comfyui_name.is_some_and(|own| plain(own) == name);
    let of_webui = |sigmas: SigmaSchedule| {
        let row = sigmas.row();
        plain(row.webui_name) == name || plain(row.name) == name || row.aliases.contains(&name)
    };
    match names {
        Names::ComfyUi => find(&of_comfyui).or_else(|| find(&of_webui)),
        Names::WebUi => find(&of_webui).or_else(|| find(&of_comfyui)),
    }
}

/// Reduces a name to letters and digits: `DPM++ 2M` and `dpmpp_2m` are the same.
fn plain(name: &str) -> String {
    const LONGEST: usize = 64;
    let name: String = name.chars().take(LONGEST).collect();
    name.to_lowercase().replace("++", "pp").chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Names, names, parse, parse_names};
    use crate::scheduler::{SamplerName, SchedulerName};

    #[test]
    fn parse_own_name_returns_scheduler() {
        for scheduler in SchedulerName::all() {
            // Where the web UI lacks a schedule, the nearest one has these names.
            let (sampler, schedule) = names(scheduler);
            let parsed = parse(sampler, Some(schedule));
            let again = parsed.scheduler.map(names);
            assert_eq!((again, parsed.schedule), (Some((sampler, schedule)), true), "{scheduler}");
            let expected = (Some(scheduler), true);
            let parsed = parse(&scheduler.to_string(), None);
            assert_eq!((parsed.scheduler, parsed.schedule), expected, "{scheduler}");
        }
    }

    #[test]
    fn parse_other_spelling_returns_scheduler() {
        for (sampler, schedule, scheduler) in [
            ("Euler a", None, "euler-ancestral"),
            ("k_euler_ancestral", None, "euler-ancestral"),
            ("k_euler", Some("normal"), "euler-normal"),
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
            ("LCM", Some("SGM Uniform"), "lcm-sgm-uniform"),
            ("DPM++ 2M SDE Karras", None, "dpmpp-2m-sde-karras"),
            ("DPM++ 2M SDE", Some("Automatic"), "dpmpp-2m-sde-exponential"),
            ("DPM++ 3M SDE Exponential", None, "dpmpp-3m-sde-exponential"),
            ("DPM++ 2S a Karras", None, "dpmpp-2s-ancestral-karras"),
            ("dpmpp_2s_ancestral", Some("polyexponential"), "dpmpp-2s-ancestral-polyexponential"),
            ("k_dpmpp_2m_ka", None, "dpmpp-2m-karras"),
            ("k_dpm_2_a", None, "kdpm2-ancestral"),
            ("dpmpp_sde_gpu", Some("sgm_uniform"), "dpmpp-sde-sgm-uniform"),
            ("uni_pc_bh2", Some("ddim_uniform"), "unipc-ddim-uniform"),
            ("UniPC", None, "unipc"),
            ("LMS Karras", None, "lms-karras"),
            ("Restart", Some("Automatic"), "restart"),
            ("DPM++ 2M", Some("Align Your Steps"), "dpmpp-2m-align-your-steps"),
            ("Euler a", Some("KL Optimal"), "euler-ancestral-kl-optimal"),
            ("Euler SGMUniform", None, "euler-sgm-uniform"),
            ("DDIM", Some("Karras"), "ddim-karras"),
            ("Heun", Some("DDIM"), "heun-ddim-uniform"),
            ("ipndm", Some("simple"), "ipndm-simple"),
            ("DDPM", Some("Beta"), "ddpm-beta"),
            ("DPM adaptive", Some("Automatic"), "dpm-adaptive"),
            ("DPM fast", None, "dpm-fast"),
            ("dpm_fast", Some("normal"), "dpm-fast"),
            ("DPM++ 2M SDE Heun Karras", None, "dpmpp-2m-sde-heun-karras"),
            ("DPM++ 2M SDE Heun", Some("Automatic"), "dpmpp-2m-sde-heun-exponential"),
            ("dpmpp_2m_sde_heun_gpu", Some("sgm_uniform"), "dpmpp-2m-sde-heun-sgm-uniform"),
        ] {
            let parsed = parse(sampler, schedule);
            let name = parsed.scheduler.map(|name| name.to_string());
            assert_eq!(name.as_deref(), Some(scheduler), "{sampler} {schedule:?}");
            assert!(parsed.schedule, "{sampler} {schedule:?}");
        }
    }

    #[test]
    fn parse_unknown_name_returns_none() {
        for sampler in ["HeunPP2", "DDIM CFG++", "dpmpp_2s", "", "ddimx"] {
            assert_eq!(parse(sampler, None).scheduler, None, "{sampler}");
        }
        let plms = parse("PLMS", Some("Karras"));
        assert_eq!((plms.scheduler, plms.schedule), (Some(SamplerName::Pndm.into()), false));
        assert!(!parse("DPM++ 2M", Some("Karras Exponential")).schedule);
    }

    #[test]
    fn names_of_comfyui_have_its_numbers() {
        for (schedule, scheduler) in [
            ("beta", "euler-beta-comfyui"),
            ("kl_optimal", "euler-kl-optimal-comfyui"),
            ("linear_quadratic", "euler-linear-quadratic"),
            ("karras", "euler-karras"),
            ("align_your_steps", "euler-align-your-steps"),
        ] {
            let parsed = parse_names("euler", Some(schedule), Names::ComfyUi);
            let name = parsed.scheduler.map(|name| name.to_string());
            assert_eq!((name.as_deref(), parsed.schedule), (Some(scheduler), true));
        }
    }
}
