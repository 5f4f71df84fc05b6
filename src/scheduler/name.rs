//! The schedulers by name: in the terminal, in a menu, in `scheduler_config.json`.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Message, messages};

/// The samplers a user can choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SchedulerName {
    /// `ddim`
    Ddim,
    /// `pndm`
    Pndm,
    /// `euler`
    Euler,
    /// `euler-ancestral`
    EulerAncestral,
    /// `dpmpp-2m`
    DpmSolverMultistep,
    /// `dpmpp-2m-karras`
    DpmSolverMultistepKarras,
    /// `lcm`
    Lcm,
}

impl SchedulerName {
    /// Every sampler, in the order of a menu.
    pub const ALL: [SchedulerName; 7] = [
        SchedulerName::Ddim,
        SchedulerName::Pndm,
        SchedulerName::Euler,
        SchedulerName::EulerAncestral,
        SchedulerName::DpmSolverMultistep,
        SchedulerName::DpmSolverMultistepKarras,
        SchedulerName::Lcm,
    ];

    /// The name in the terminal and in requests.
    pub fn as_str(self) -> &'static str {
        match self {
            SchedulerName::Ddim => "ddim",
            SchedulerName::Pndm => "pndm",
            SchedulerName::Euler => "euler",
            SchedulerName::EulerAncestral => "euler-ancestral",
            SchedulerName::DpmSolverMultistep => "dpmpp-2m",
            SchedulerName::DpmSolverMultistepKarras => "dpmpp-2m-karras",
            SchedulerName::Lcm => "lcm",
        }
    }

    /// The name for people, in a menu.
    pub fn label(self) -> &'static str {
        match self {
            SchedulerName::Ddim => "DDIM",
            SchedulerName::Pndm => "PNDM",
            SchedulerName::Euler => "Euler",
            SchedulerName::EulerAncestral => "Euler ancestral",
            SchedulerName::DpmSolverMultistep => "DPM-Solver++ 2M",
            SchedulerName::DpmSolverMultistepKarras => "DPM-Solver++ 2M Karras",
            SchedulerName::Lcm => "LCM",
        }
    }

    /// The class that does the same in diffusers: `_class_name` of `scheduler_config.json`.
    pub fn class_name(self) -> &'static str {
        match self {
            SchedulerName::Ddim => "DDIMScheduler",
            SchedulerName::Pndm => "PNDMScheduler",
            SchedulerName::Euler => "EulerDiscreteScheduler",
            SchedulerName::EulerAncestral => "EulerAncestralDiscreteScheduler",
            SchedulerName::DpmSolverMultistep | SchedulerName::DpmSolverMultistepKarras => {
                "DPMSolverMultistepScheduler"
            }
            SchedulerName::Lcm => "LCMScheduler",
        }
    }

    /// The sampler of a diffusers class. Of the two that share a class this is the one without
    /// Karras sigmas.
    pub fn from_class_name(class_name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.class_name() == class_name)
    }

    /// All names of the terminal in one line, for messages.
    pub(crate) fn list() -> String {
        Self::ALL.map(Self::as_str).join(", ")
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
        Self::ALL.into_iter().find(|name| name.as_str() == text).ok_or_else(|| {
            Error::InvalidRequest {
                field: "scheduler",
                value: Message::verbatim(format!("{text:?}")),
                reason: messages::one_of(Self::list()),
            }
        })
    }
}
