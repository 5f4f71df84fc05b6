//! Sigma schedules that users can select.

/// Spacing of a run's noise levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SigmaSchedule {
    /// By the timesteps, spaced as in the checkpoint's config.
    Uniform,
    /// `use_karras_sigmas`: denser at the low end.
    Karras,
    /// `use_exponential_sigmas`: even in ln σ.
    Exponential,
    /// `use_beta_sigmas`: denser at both ends.
    Beta,
    /// By timesteps of `timestep_spacing` "leading".
    Leading,
    /// By timesteps of `timestep_spacing` "linspace".
    Linspace,
    /// By timesteps of `timestep_spacing` "trailing".
    Trailing,
}

impl SigmaSchedule {
    /// All schedules, in the order of a menu.
    pub const ALL: [SigmaSchedule; 7] = [
        Self::Uniform,
        Self::Karras,
        Self::Exponential,
        Self::Beta,
        Self::Leading,
        Self::Linspace,
        Self::Trailing,
    ];

    /// Schedules that select timesteps, for samplers without other noise levels.
    pub const SPACINGS: &'static [SigmaSchedule] = &[Self::Leading, Self::Linspace, Self::Trailing];

    /// Returns the name in the terminal and in requests.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::Karras => "karras",
            Self::Exponential => "exponential",
            Self::Beta => "beta",
            Self::Leading => "leading",
            Self::Linspace => "linspace",
            Self::Trailing => "trailing",
        }
    }

    /// Returns the name in a menu, after the sampler's.
    pub fn label(self) -> &'static str {
        match self {
            Self::Karras => "Karras",
            other => other.as_str(),
        }
    }

    /// Returns the schedule of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|schedule| schedule.as_str() == name)
    }
}
