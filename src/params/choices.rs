//! Choices of parameters, each a list of names.

use super::field::Choice;
use crate::error::{Error, Message, messages};
use crate::prompt::{Emphasis, Grammar};
use crate::scheduler::{NoiseSource, SchedulerName, SigmaSchedule};

/// Names of the grammars.
pub(super) const GRAMMARS: Choice = Choice {
    names: || Grammar::ALL.iter().map(|grammar| grammar.as_str()).collect(),
    find: |text| text.parse().map(Grammar::as_str),
    summary: Grammar::list,
};

/// Names of the kinds of emphasis.
pub(super) const EMPHASES: Choice = Choice {
    names: || Emphasis::ALL.iter().map(|emphasis| emphasis.as_str()).collect(),
    find: |text| text.parse().map(Emphasis::as_str),
    summary: Emphasis::list,
};

/// Names of the schedulers.
pub(super) const SCHEDULERS: Choice = Choice {
    names: || SchedulerName::all().map(SchedulerName::as_str).collect(),
    find: |text| text.parse().map(SchedulerName::as_str),
    summary: || {
        let (samplers, sigmas) = (SchedulerName::list(), SchedulerName::sigmas_list());
        format!("{samplers}; with other noise levels as euler-karras: {sigmas}")
    },
};

/// Name of the noise levels that AUTOMATIC1111 takes for a sampler.
pub const AUTOMATIC: &str = "automatic";

/// Names of the samplers' noise levels; their labels and AUTOMATIC1111's names stand for them.
pub(super) const SCHEDULES: Choice = Choice {
    names: || {
        let names = SigmaSchedule::ALL.iter().map(|sigmas| sigmas.as_str());
        std::iter::once(AUTOMATIC).chain(names).collect()
    },
    find: |text| {
        if text.eq_ignore_ascii_case(AUTOMATIC) {
            return Ok(AUTOMATIC);
        }
        let is_meant = |sigmas: &&SigmaSchedule| {
            let names = [sigmas.as_str(), sigmas.row().label, sigmas.row().webui_name];
            names.iter().any(|name| name.eq_ignore_ascii_case(text))
        };
        let found = SigmaSchedule::ALL.iter().find(is_meant).map(|sigmas| sigmas.as_str());
        found.ok_or_else(|| Error::InvalidRequest {
            field: "schedule",
            value: Message::verbatim(format!("{text:?}")),
            reason: messages::one_of(SchedulerName::sigmas_list()),
        })
    },
    summary: SchedulerName::sigmas_list,
};

/// Names of the sources of noise.
pub(super) const NOISE_SOURCES: Choice = Choice {
    names: || NoiseSource::ALL.map(NoiseSource::as_str).to_vec(),
    find: |text| text.trim().parse().map(NoiseSource::as_str),
    summary: || NoiseSource::ALL.map(NoiseSource::as_str).join(", "),
};
