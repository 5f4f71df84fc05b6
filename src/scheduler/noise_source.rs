//! Sources of noise that users can select.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Message, messages};

/// Source of a run's noise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoiseSource {
    /// PyTorch's generator on the CPU, a draw for each step: diffusers, and `RNG: CPU` in
    /// AUTOMATIC1111's web UI.
    Cpu,
    /// The same generator, and torchsde's Brownian tree for the steps: k-diffusion's SDE samplers.
    Brownian,
    /// PyTorch's generator on NVIDIA cards: `RNG: NV` in AUTOMATIC1111's web UI.
    Nv,
}

impl NoiseSource {
    /// All sources, in the order of a menu.
    pub const ALL: [NoiseSource; 3] = [Self::Cpu, Self::Brownian, Self::Nv];

    /// Returns the name in the terminal and in requests.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Brownian => "brownian",
            Self::Nv => "nv",
        }
    }
}

impl fmt::Display for NoiseSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for NoiseSource {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|source| text.eq_ignore_ascii_case(source.as_str()));
        found.ok_or_else(|| Error::InvalidRequest {
            field: "noise",
            value: Message::verbatim(format!("{text:?}")),
            reason: messages::one_of(Self::ALL.map(Self::as_str).join(", ")),
        })
    }
}
