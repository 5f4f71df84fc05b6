//! Choices of parameters, each a list of names.

use super::field::Choice;
use crate::prompt::{Emphasis, Grammar};
use crate::scheduler::{NoiseSource, SchedulerName};

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

/// Names of the sources of noise.
pub(super) const NOISE_SOURCES: Choice = Choice {
    names: || NoiseSource::ALL.map(NoiseSource::as_str).to_vec(),
    find: |text| text.trim().parse().map(NoiseSource::as_str),
    summary: || NoiseSource::ALL.map(NoiseSource::as_str).join(", "),
};
