//! Sigma schedules that users can select.

/// Row of a sigma schedule in the table.
#[derive(Debug)]
pub struct SigmaScheduleRow {
    /// Name in the terminal and in requests.
    pub name: &'static str,
    /// Name in a menu.
    pub label: &'static str,
    /// `Schedule type` in AUTOMATIC1111's web UI, or in Forge, which has more of them; the nearest
    /// one where neither has this schedule. The first schedule of a name is the one it means there.
    pub webui_name: &'static str,
    /// Further names, in lower case letters and digits only.
    pub aliases: &'static [&'static str],
    /// Name in ComfyUI, if its numbers are these.
    pub comfyui_name: Option<&'static str>,
}

/// Generates `SigmaSchedule` from the table.
macro_rules! schedules {
    ($($(#[$doc:meta])* $variant:ident { $($field:tt)* })*) => {
        /// Spacing of a run's noise levels.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum SigmaSchedule {
            $($(#[$doc])* $variant,)*
        }

        impl SigmaSchedule {
            /// All schedules, in the order of a menu.
            pub const ALL: &'static [SigmaSchedule] = &[$(SigmaSchedule::$variant),*];

            /// Returns the row of the table.
            pub fn row(self) -> &'static SigmaScheduleRow {
                match self {
                    $(SigmaSchedule::$variant => {
                        const ROW: SigmaScheduleRow = SigmaScheduleRow { $($field)* };
                        &ROW
                    })*
                }
            }
        }
    };
}

schedules! {
    /// By the timesteps, spaced as in the checkpoint's config.
    Uniform {
        name: "uniform",
        label: "Uniform",
        webui_name: "Uniform",
        aliases: &[],
        comfyui_name: None,
    }
    /// `use_karras_sigmas`: denser at the low end.
    Karras {
        name: "karras",
        label: "Karras",
        webui_name: "Karras",
        aliases: &["ka"],
        comfyui_name: Some("karras"),
    }
    /// `use_exponential_sigmas`: even in ln σ.
    Exponential {
        name: "exponential",
        label: "Exponential",
        webui_name: "Exponential",
        aliases: &[],
        comfyui_name: Some("exponential"),
    }
    /// `use_beta_sigmas`: denser at both ends.
    Beta {
        name: "beta",
        label: "Beta",
        webui_name: "Beta",
        aliases: &[],
        comfyui_name: None,
    }
    /// At timesteps that are even between both ends, the last 0.
    Normal {
        name: "normal",
        label: "Normal",
        webui_name: "Normal",
        aliases: &[],
        comfyui_name: Some("normal"),
    }
    /// As normal with one more step, without the lowest.
    SgmUniform {
        name: "sgm-uniform",
        label: "SGM Uniform",
        webui_name: "SGM Uniform",
        aliases: &[],
        comfyui_name: Some("sgm_uniform"),
    }
    /// Even strides through the training timesteps, from the noisiest.
    Simple {
        name: "simple",
        label: "Simple",
        webui_name: "Simple",
        aliases: &[],
        comfyui_name: Some("simple"),
    }
    /// Whole strides through the training timesteps, from timestep 1.
    DdimUniform {
        name: "ddim-uniform",
        label: "DDIM",
        webui_name: "DDIM",
        aliases: &["ddim"],
        comfyui_name: Some("ddim_uniform"),
    }
    /// A table for the family of the model.
    AlignYourSteps {
        name: "align-your-steps",
        label: "Align Your Steps",
        webui_name: "Align Your Steps",
        aliases: &["ays", "alignyourstepssd15", "alignyourstepsxl"],
        comfyui_name: None,
    }
    /// Even in arctan σ; the run ends at the lowest σ of training.
    KlOptimal {
        name: "kl-optimal",
        label: "KL Optimal",
        webui_name: "KL Optimal",
        aliases: &[],
        comfyui_name: None,
    }
    /// Even in ln σ to a power, which is 1.
    Polyexponential {
        name: "polyexponential",
        label: "Polyexponential",
        webui_name: "Polyexponential",
        aliases: &[],
        comfyui_name: None,
    }
    /// Linear over the first 2.5 %, then quadratic.
    LinearQuadratic {
        name: "linear-quadratic",
        label: "Linear Quadratic",
        webui_name: "Linear Quadratic",
        aliases: &[],
        comfyui_name: Some("linear_quadratic"),
    }
    /// The beta distribution over timesteps instead of σ, as in ComfyUI.
    BetaComfyui {
        name: "beta-comfyui",
        label: "Beta (ComfyUI)",
        webui_name: "Beta",
        aliases: &[],
        comfyui_name: Some("beta"),
    }
    /// KL optimal with a last step from the lowest σ to 0, as in ComfyUI.
    KlOptimalComfyui {
        name: "kl-optimal-comfyui",
        label: "KL Optimal (ComfyUI)",
        webui_name: "KL Optimal",
        aliases: &[],
        comfyui_name: Some("kl_optimal"),
    }
    /// By timesteps of `timestep_spacing` "leading".
    Leading {
        name: "leading",
        label: "leading",
        webui_name: "DDIM",
        aliases: &[],
        comfyui_name: None,
    }
    /// By timesteps of `timestep_spacing` "linspace".
    Linspace {
        name: "linspace",
        label: "linspace",
        webui_name: "Normal",
        aliases: &[],
        comfyui_name: None,
    }
    /// By timesteps of `timestep_spacing` "trailing".
    Trailing {
        name: "trailing",
        label: "trailing",
        webui_name: "Turbo",
        aliases: &[],
        comfyui_name: None,
    }
}

impl SigmaSchedule {
    /// Schedules that select timesteps, for samplers without other noise levels.
    pub const SPACINGS: &'static [SigmaSchedule] = &[Self::Leading, Self::Linspace, Self::Trailing];

    /// Schedules that say by themselves what the noise levels are: all but [`Self::Uniform`].
    pub const LISTS: &'static [SigmaSchedule] = match Self::ALL.split_first() {
        Some((Self::Uniform, others)) => others,
        _ => Self::ALL,
    };

    /// Schedules that have a meaning for flow matching, where σ is at most 1.
    pub const OF_FLOW: &'static [SigmaSchedule] =
        &[Self::Uniform, Self::Karras, Self::Exponential, Self::Beta, Self::LinearQuadratic];

    /// Returns whether a scheduler config can state this schedule.
    pub fn is_of_config(self) -> bool {
        let curves = [Self::Uniform, Self::Karras, Self::Exponential, Self::Beta];
        curves.contains(&self) || Self::SPACINGS.contains(&self)
    }

    /// Returns the name in the terminal and in requests.
    pub fn as_str(self) -> &'static str {
        self.row().name
    }

    /// Returns the schedule of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|schedule| schedule.as_str() == name)
    }
}
