//! Samplers and their table.
//!
//! Each sampler has a file, and a row in the table. Without the feature `engine` there is only the
//! table.

#[cfg(feature = "engine")]
mod ddim;
#[cfg(feature = "engine")]
mod dpm_solver_multistep;
#[cfg(feature = "engine")]
mod euler;
#[cfg(feature = "engine")]
mod euler_ancestral;
#[cfg(feature = "engine")]
mod heun;
#[cfg(feature = "engine")]
mod kdpm2;
#[cfg(feature = "engine")]
mod lcm;
#[cfg(feature = "engine")]
mod pndm;

#[cfg(feature = "engine")]
use burn::tensor::Tensor;

#[cfg(feature = "engine")]
use super::evaluations::Evaluations;
#[cfg(feature = "engine")]
use super::run::{Denoiser, OnEvaluated, Run};
#[cfg(feature = "engine")]
use super::sampler::{Sampler, SamplerOptions};
use super::sigma_schedule::SigmaSchedule;
#[cfg(feature = "engine")]
use crate::error::Result;

/// Row of a sampler in the table.
#[derive(Debug)]
pub struct SamplerRow {
    /// Name in the terminal and in requests.
    pub name: &'static str,
    /// Name in a menu.
    pub label: &'static str,
    /// Class in diffusers: `_class_name` of `scheduler_config.json`.
    pub class_name: &'static str,
    /// Sigma schedules that the class supports.
    pub sigmas: &'static [SigmaSchedule],
    /// Sigma schedule of the name alone; `None`: that of the checkpoint.
    pub own_sigmas: Option<SigmaSchedule>,
    /// Name in AUTOMATIC1111's web UI.
    pub webui_name: &'static str,
    /// Sigma schedule of "Automatic" there; `None`: that of the name alone here.
    pub webui_automatic: Option<SigmaSchedule>,
    /// Aliases, in lower case letters and digits only.
    pub aliases: &'static [&'static str],
}

/// Generates from the table `SamplerName`, and `AnySampler`, which runs the selected sampler.
macro_rules! samplers {
    ($($(#[$doc:meta])* $variant:ident = $type:path { $($field:tt)* })*) => {
        /// A sampler by name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum SamplerName {
            $($(#[$doc])* $variant,)*
        }

        impl SamplerName {
            /// All samplers, in the order of a menu.
            pub const ALL: &'static [SamplerName] = &[$(SamplerName::$variant),*];

            /// Returns the row of the table.
            pub fn row(self) -> &'static SamplerRow {
                match self {
                    $(SamplerName::$variant => {
                        const ROW: SamplerRow = SamplerRow { $($field)* };
                        &ROW
                    })*
                }
            }
        }

        /// A sampler that is prepared for a number of steps.
        #[cfg(feature = "engine")]
        #[derive(Debug)]
        pub enum AnySampler {
            $($(#[$doc])* $variant($type),)*
        }

        #[cfg(feature = "engine")]
        impl AnySampler {
            /// Prepares the sampler `name` with the noise levels of `options.config`.
            pub(super) fn new(name: SamplerName, options: &SamplerOptions) -> Result<Self> {
                Ok(match name {
                    $(SamplerName::$variant => Self::$variant(Sampler::new(options)?),)*
                })
            }

            /// Returns the evaluations of the network.
            pub fn evaluations(&self) -> &Evaluations {
                match self {
                    $(Self::$variant(sampler) => sampler.evaluations(),)*
                }
            }

            async fn dispatch<D: Denoiser, C: OnEvaluated>(
                &self,
                run: &mut Run<'_, D, C>,
                begin: usize,
                latents: Tensor<4>,
            ) -> Result<Tensor<4>> {
                match self {
                    $(Self::$variant(sampler) => sampler.sample(run, begin, latents).await,)*
                }
            }
        }
    };
}

samplers! {
    /// `ddim`
    Ddim = ddim::Ddim {
        name: "ddim",
        label: "DDIM",
        class_name: "DDIMScheduler",
        sigmas: SigmaSchedule::SPACINGS,
        own_sigmas: None,
        webui_name: "DDIM",
        webui_automatic: None,
        aliases: &[],
    }
    /// `pndm`
    Pndm = pndm::Pndm {
        name: "pndm",
        label: "PNDM",
        class_name: "PNDMScheduler",
        sigmas: SigmaSchedule::SPACINGS,
        own_sigmas: None,
        webui_name: "PLMS",
        webui_automatic: None,
        aliases: &[],
    }
    /// `euler`
    Euler = euler::Euler {
        name: "euler",
        label: "Euler",
        class_name: "EulerDiscreteScheduler",
        sigmas: &SigmaSchedule::ALL,
        own_sigmas: None,
        webui_name: "Euler",
        webui_automatic: None,
        aliases: &[],
    }
    /// `euler-ancestral`
    EulerAncestral = euler_ancestral::EulerAncestral {
        name: "euler-ancestral",
        label: "Euler ancestral",
        class_name: "EulerAncestralDiscreteScheduler",
        sigmas: SigmaSchedule::SPACINGS,
        own_sigmas: None,
        webui_name: "Euler a",
        webui_automatic: None,
        aliases: &[],
    }
    /// `heun`
    Heun = heun::Heun {
        name: "heun",
        label: "Heun",
        class_name: "HeunDiscreteScheduler",
        sigmas: &SigmaSchedule::ALL,
        own_sigmas: None,
        webui_name: "Heun",
        webui_automatic: None,
        aliases: &[],
    }
    /// `kdpm2`
    Kdpm2 = kdpm2::Kdpm2 {
        name: "kdpm2",
        label: "DPM2",
        class_name: "KDPM2DiscreteScheduler",
        sigmas: &SigmaSchedule::ALL,
        own_sigmas: Some(SigmaSchedule::Uniform),
        webui_name: "DPM2",
        webui_automatic: Some(SigmaSchedule::Karras),
        aliases: &[],
    }
    /// `dpmpp-2m`
    DpmSolverMultistep = dpm_solver_multistep::DpmSolverMultistep {
        name: "dpmpp-2m",
        label: "DPM-Solver++ 2M",
        class_name: "DPMSolverMultistepScheduler",
        sigmas: &SigmaSchedule::ALL,
        own_sigmas: Some(SigmaSchedule::Uniform),
        webui_name: "DPM++ 2M",
        webui_automatic: Some(SigmaSchedule::Karras),
        aliases: &["dpmsolverpp", "dpmsolverpp2m", "dpmsolvermultistep"],
    }
    /// `lcm`
    Lcm = lcm::Lcm {
        name: "lcm",
        label: "LCM",
        class_name: "LCMScheduler",
        sigmas: &[],
        own_sigmas: None,
        webui_name: "LCM",
        webui_automatic: None,
        aliases: &[],
    }
}

#[cfg(feature = "engine")]
impl AnySampler {
    /// Samples from `latents` `[b, c, h, w]`, which have the noise level of evaluation `begin`, to
    /// the end. `noise` draws a standard normal tensor of their shape.
    ///
    /// # Errors
    /// Those of `denoiser` and `callback`.
    pub async fn sample<D: Denoiser, C: OnEvaluated>(
        &self,
        denoiser: &mut D,
        callback: &mut C,
        noise: &mut dyn FnMut() -> Tensor<4>,
        begin: usize,
        latents: Tensor<4>,
    ) -> Result<Tensor<4>> {
        let evaluations = self.evaluations();
        self.dispatch(&mut Run { evaluations, denoiser, noise, callback }, begin, latents).await
    }
}

impl SamplerName {
    /// Returns the sampler of a diffusers class.
    pub fn from_class_name(class_name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|name| name.row().class_name == class_name)
    }
}
