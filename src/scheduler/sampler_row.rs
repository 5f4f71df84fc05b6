//! Row of a sampler in the table.

use super::sigma_schedule::SigmaSchedule;

/// Row of a sampler in the table.
#[derive(Debug)]
pub struct SamplerRow {
    /// Name in the terminal and in requests.
    pub name: &'static str,
    /// Name in a menu.
    pub label: &'static str,
    /// Whether a menu shows it among the usual ones.
    pub is_usual: bool,
    /// Class in diffusers: `_class_name` of `scheduler_config.json`.
    pub class_name: Option<&'static str>,
    /// Whether the class reads `use_karras_sigmas` and its kin; the others ignore them.
    pub class_has_curves: bool,
    /// Sigma schedules that have a meaning with it.
    pub sigmas: &'static [SigmaSchedule],
    /// Sigma schedule of the name alone; `None`: that of the checkpoint.
    pub own_sigmas: Option<SigmaSchedule>,
    /// Whether `eta` has an effect.
    pub has_eta: bool,
    /// Name in AUTOMATIC1111's web UI.
    pub webui_name: &'static str,
    /// Sigma schedule of "Automatic" there; `None`: that of the name alone here.
    pub webui_automatic: Option<SigmaSchedule>,
    /// Aliases, in lower case letters and digits only; those of ComfyUI among them.
    pub aliases: &'static [&'static str],
    /// Kind of noise that it adds.
    pub noise: StepNoise,
}

impl SamplerRow {
    /// Returns whether it is for models trained by flow matching, and only for them.
    pub fn is_of_flow(&self) -> bool {
        self.class_name.is_some_and(is_of_flow)
    }

    /// Returns whether it is for the same kind of models as another one.
    pub fn fits_models_of(&self, other: &SamplerRow) -> bool {
        self.is_of_flow() == other.is_of_flow()
    }
}

/// Returns whether a class in diffusers is for models trained by flow matching.
pub fn is_of_flow(class_name: &str) -> bool {
    class_name.starts_with("FlowMatch")
}

/// Kind of noise that a sampler adds in its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepNoise {
    /// None, or none unless `eta` asks for it.
    None,
    /// An independent draw in each step.
    Draws,
    /// The increment of one Brownian path between two σ.
    Brownian,
}
