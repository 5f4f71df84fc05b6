//! Choice of a run's noise levels, whatever the sampler.

/// How a run's noise levels are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SigmaSchedule {
    /// Along the timesteps, which are spaced as the checkpoint says.
    Uniform,
    /// `use_karras_sigmas`: denser at the low end.
    Karras,
    /// `use_exponential_sigmas`: even in ln σ.
    Exponential,
    /// `use_beta_sigmas`: denser at both ends.
    Beta,
    /// Along timesteps of `timestep_spacing` "leading".
    Leading,
    /// Along timesteps of `timestep_spacing` "linspace".
    Linspace,
    /// Along timesteps of `timestep_spacing` "trailing".
    Trailing,
}

impl SigmaSchedule {
    /// Every schedule, in the order of a menu.
    pub const ALL: [SigmaSchedule; 7] = [
        Self::Uniform,
        Self::Karras,
        Self::Exponential,
        Self::Beta,
        Self::Leading,
        Self::Linspace,
        Self::Trailing,
    ];

    /// Those that choose timesteps, for samplers that know no other noise levels.
    pub const SPACINGS: &'static [SigmaSchedule] = &[Self::Leading, Self::Linspace, Self::Trailing];

    /// The name in the terminal and in requests.
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

    /// The name in a menu, behind the sampler's.
    pub fn label(self) -> &'static str {
        match self {
            Self::Karras => "Karras",
            other => other.as_str(),
        }
    }

    /// The schedule of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|schedule| schedule.as_str() == name)
    }
}
