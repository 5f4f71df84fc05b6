//! Sources of noise that users can select.

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

    /// Returns the source of a name, in upper or lower case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str().eq_ignore_ascii_case(name.trim()))
    }
}
