//! Names of schedulers: a sampler and a sigma schedule.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use super::samplers::SamplerName;
use super::sigma_schedule::SigmaSchedule;
use crate::error::{Error, Message, Result, messages};

/// A sampler with a sigma schedule, as the user selects them: `euler`, `heun-karras`,
/// `ddim-trailing`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SchedulerName {
    sampler: SamplerName,
    sigmas: Option<SigmaSchedule>,
}

/// All names with their texts, in the order of a menu.
static NAMES: LazyLock<Vec<(SchedulerName, String)>> = LazyLock::new(|| {
    let text = |name: SchedulerName| match name.suffix() {
        Some(sigmas) => format!("{}-{}", name.sampler.row().name, sigmas.as_str()),
        None => name.sampler.row().name.to_string(),
    };
    let names = SamplerName::ALL.iter().flat_map(|sampler| SchedulerName::all_of(*sampler));
    names.map(|name| (name, text(name))).collect()
});

impl SchedulerName {
    /// Returns `sampler` with the schedule `sigmas`, or with that of its name alone.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] if the class does not have this schedule in diffusers.
    pub fn new(sampler: SamplerName, sigmas: Option<SigmaSchedule>) -> Result<Self> {
        let row = sampler.row();
        match sigmas {
            Some(sigmas) if !row.sigmas.contains(&sigmas) => Err(Error::InvalidRequest {
                field: "scheduler",
                value: Message::verbatim(format!("\"{}-{}\"", row.name, sigmas.as_str())),
                reason: messages::one_of(Self::list_of(sampler)),
            }),
            sigmas => Ok(Self { sampler, sigmas: sigmas.or(row.own_sigmas) }),
        }
    }

    /// Returns a sampler with the schedule that "Automatic" means in AUTOMATIC1111's web UI.
    pub fn automatic(sampler: SamplerName) -> Self {
        let row = sampler.row();
        SchedulerName { sampler, sigmas: row.webui_automatic.or(row.own_sigmas) }
    }

    /// Returns the sampler.
    pub fn sampler(self) -> SamplerName {
        self.sampler
    }

    /// Returns the sigma schedule; `None`: the checkpoint's.
    pub fn sigmas(self) -> Option<SigmaSchedule> {
        self.sigmas
    }

    /// Returns every sampler with each of its sigma schedules, in the order of a menu.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.iter().map(|(name, _)| *name)
    }

    /// Returns the name in the terminal and in requests.
    pub fn as_str(self) -> &'static str {
        let text = NAMES.iter().find(|(name, _)| *name == self).map(|(_, text)| text.as_str());
        text.unwrap_or(self.sampler.row().name)
    }

    fn all_of(sampler: SamplerName) -> impl Iterator<Item = Self> {
        let row = sampler.row();
        let others = row.sigmas.iter().copied().map(Some).filter(|s| *s != row.own_sigmas);
        std::iter::once(row.own_sigmas).chain(others).map(move |sigmas| Self { sampler, sigmas })
    }

    fn list_of(sampler: SamplerName) -> String {
        Self::all_of(sampler).map(Self::as_str).collect::<Vec<_>>().join(", ")
    }

    /// Returns the name in a menu.
    pub fn label(self) -> String {
        match self.suffix() {
            Some(sigmas) => format!("{} {}", self.sampler.row().label, sigmas.row().label),
            None => self.sampler.row().label.to_string(),
        }
    }

    /// Returns the sigma schedule, if it is not that of the sampler's name alone.
    pub fn suffix(self) -> Option<SigmaSchedule> {
        self.sigmas.filter(|_| self.sigmas != self.sampler.row().own_sigmas)
    }

    /// Returns the samplers' names in one line, for messages.
    pub fn list() -> String {
        SamplerName::ALL.iter().map(|name| name.row().name).collect::<Vec<_>>().join(", ")
    }

    /// Returns the sigma schedules' names in one line, for messages.
    pub fn sigmas_list() -> String {
        let names: Vec<_> = SigmaSchedule::ALL.iter().map(|sigmas| sigmas.as_str()).collect();
        names.join(", ")
    }
}

impl From<SamplerName> for SchedulerName {
    fn from(sampler: SamplerName) -> Self {
        SchedulerName { sampler, sigmas: sampler.row().own_sigmas }
    }
}

impl fmt::Display for SchedulerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for SchedulerName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if let Some((name, _)) = NAMES.iter().find(|(_, name)| name == text) {
            return Ok(*name);
        }
        // Either this pair does not exist, or the sampler's name alone means the same.
        let sampler = |name: &str| SamplerName::ALL.iter().copied().find(|s| s.row().name == name);
        let pair = SigmaSchedule::ALL.iter().find_map(|sigmas| {
            let name = text.strip_suffix(sigmas.as_str())?.strip_suffix('-')?;
            Some((sampler(name)?, *sigmas))
        });
        if let Some((sampler, sigmas)) = pair {
            return Self::new(sampler, Some(sigmas));
        }
        Err(Error::InvalidRequest {
            field: "scheduler",
            value: Message::verbatim(format!("{text:?}")),
            reason: messages::one_of(Self::list()),
        })
    }
}
