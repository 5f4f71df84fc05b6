//! `--sampler` and `--schedule`, in the words of any program.

use clap::error::ErrorKind;
use clap::{Arg, ArgMatches};
use hearth::error::{Error, Message, Result, messages};
use hearth::params::{GenerationParams, PartialParams};
use hearth::pipeline::metadata;
use hearth::scheduler::{SchedulerName, SigmaSchedule};

const SAMPLER: &str = "sampler";
const SCHEDULE: &str = "schedule";

/// Returns the arguments.
pub fn arguments() -> [Arg; 2] {
    [
        Arg::new(SAMPLER)
            .long(SAMPLER)
            .value_name("NAME")
            .help(
                "The sampler by its name in AUTOMATIC1111's web UI or in ComfyUI, as \"DPM++ 2M\" or dpmpp_2m",
            )
            .visible_alias("sampling-method")
            .alias("sampler-name")
            .conflicts_with("scheduler")
            .value_parser(|text: &str| sampler(text)),
        Arg::new(SCHEDULE)
            .long(SCHEDULE)
            .value_name("NAME")
            .help(format!(
                "The sampler's noise levels: {}; or by a name of those programs, as \"SGM Uniform\" or sgm_uniform",
                SchedulerName::sigmas_list()
            ))
            .value_parser(|text: &str| schedule(text)),
    ]
}

fn sampler(text: &str) -> Result<SchedulerName> {
    text.parse().or_else(|error| metadata::scheduler_of_any_name(text).ok_or(error))
}

fn schedule(text: &str) -> Result<SigmaSchedule> {
    metadata::schedule_of_any_name(text).ok_or_else(|| Error::InvalidRequest {
        field: "scheduler",
        value: Message::verbatim(format!("{text:?}")),
        reason: messages::one_of(SchedulerName::sigmas_list()),
    })
}

/// Applies the flags to the user's values. Returns the schedule if it is for the sampler of a model
/// that is not known yet.
pub fn apply(
    matches: &ArgMatches,
    params: &mut PartialParams,
) -> Result<Option<SigmaSchedule>, clap::Error> {
    let sampler = matches.get_one::<SchedulerName>(SAMPLER).copied();
    let schedule = matches.get_one::<SigmaSchedule>(SCHEDULE).copied();
    params.scheduler = sampler.or(params.scheduler);
    let (Some(name), Some(sigmas)) = (params.scheduler, schedule) else { return Ok(schedule) };
    let name = SchedulerName::new(name.sampler(), Some(sigmas))
        .map_err(|error| clap::Error::raw(ErrorKind::ValueValidation, format!("{error}\n")))?;
    params.scheduler = Some(name);
    Ok(None)
}

/// Returns the parameters with this schedule for their sampler.
pub fn with_schedule(
    mut params: GenerationParams,
    schedule: Option<SigmaSchedule>,
) -> Result<GenerationParams> {
    if let (Some(name), Some(_)) = (params.scheduler, schedule) {
        params.scheduler = Some(SchedulerName::new(name.sampler(), schedule)?);
    }
    Ok(params)
}
