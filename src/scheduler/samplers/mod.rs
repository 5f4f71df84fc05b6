//! Samplers and their table.
//!
//! Each sampler has a file, and a row in the table. Without the feature `engine` there is only the
//! table.

#[cfg(feature = "engine")]
mod ddim;
#[cfg(feature = "engine")]
mod ddpm;
#[cfg(feature = "engine")]
mod deis;
#[cfg(feature = "engine")]
mod dpm_adaptive;
#[cfg(feature = "engine")]
mod dpm_fast;
#[cfg(feature = "engine")]
mod dpm_solver_multistep;
#[cfg(feature = "engine")]
mod dpmpp_2m_sde;
#[cfg(feature = "engine")]
mod dpmpp_2m_sde_heun;
#[cfg(feature = "engine")]
mod dpmpp_2s_ancestral;
#[cfg(feature = "engine")]
mod dpmpp_3m_sde;
#[cfg(feature = "engine")]
mod dpmpp_sde;
#[cfg(feature = "engine")]
mod euler;
#[cfg(feature = "engine")]
mod euler_ancestral;
#[cfg(feature = "engine")]
mod flow_match_euler;
#[cfg(feature = "engine")]
mod flow_match_heun;
#[cfg(feature = "engine")]
mod heun;
#[cfg(feature = "engine")]
mod ipndm;
#[cfg(feature = "engine")]
mod kdpm2;
#[cfg(feature = "engine")]
mod kdpm2_ancestral;
#[cfg(feature = "engine")]
mod lcm;
#[cfg(feature = "engine")]
mod lms;
#[cfg(feature = "engine")]
mod pndm;
#[cfg(feature = "engine")]
mod restart;
#[cfg(feature = "engine")]
mod tcd;
#[cfg(feature = "engine")]
mod unipc;

#[cfg(feature = "engine")]
use burn::tensor::Tensor;

#[cfg(feature = "engine")]
use super::evaluations::Evaluations;
#[cfg(feature = "engine")]
use super::run::{Denoiser, Noise, OnEvaluated, Run};
#[cfg(feature = "engine")]
use super::sampler::{Sampler, SamplerOptions};
use super::sampler_row::{SamplerRow, StepNoise};
use super::sigma_schedule::SigmaSchedule;
#[cfg(feature = "engine")]
use crate::error::Result;

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

            /// Returns the sampler's name.
            pub fn name(&self) -> SamplerName {
                match self {
                    $(Self::$variant(_) => SamplerName::$variant,)*
                }
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
    /// `euler`
    Euler = euler::Euler {
        name: "euler",
        label: "Euler",
        is_usual: true,
        class_name: Some("EulerDiscreteScheduler"),
        class_has_curves: true,
        sigmas: SigmaSchedule::ALL,
        own_sigmas: None,
        has_eta: false,
        webui_name: "Euler",
        webui_automatic: None,
        aliases: &[],
        noise: StepNoise::None,
    }
    /// `euler-ancestral`
    EulerAncestral = euler_ancestral::EulerAncestral {
        name: "euler-ancestral",
        label: "Euler a",
        is_usual: true,
        class_name: Some("EulerAncestralDiscreteScheduler"),
        class_has_curves: false,
        sigmas: SigmaSchedule::ALL,
        own_sigmas: None,
        has_eta: false,
        webui_name: "Euler a",
        webui_automatic: None,
        aliases: &["eulera"],
        noise: StepNoise::Draws,
    }
    /// `dpmpp-2m`
    DpmSolverMultistep = dpm_solver_multistep::DpmSolverMultistep {
        name: "dpmpp-2m",
        label: "DPM++ 2M",
        is_usual: true,
        class_name: Some("DPMSolverMultistepScheduler"),
        class_has_curves: true,
        sigmas: SigmaSchedule::ALL,
        own_sigmas: Some(SigmaSchedule::Uniform),
        has_eta: false,
        webui_name: "DPM++ 2M",
        webui_automatic: Some(SigmaSchedule::Karras),
        aliases: &["dpmsolverpp", "dpmsolverpp2m", "dpmsolvermultistep"],
        noise: StepNoise::None,
    }
    /// `dpmpp-2m-sde`
    Dpmpp2mSde = dpmpp_2m_sde::Dpmpp2mSde {
        name: "dpmpp-2m-sde",
        label: "DPM++ 2M SDE",
        is_usual: true,
        class_name: None,
        class_has_curves: false,
        sigmas: SigmaSchedule::ALL,
        own_sigmas: None,
        has_eta: false,
        webui_name: "DPM++ 2M SDE",
        webui_automatic: Some(SigmaSchedule::Exponential),
        aliases: &["dpmpp2msdegpu"],
        noise: StepNoise::Brownian,
    }
    /// `dpmpp-sde`
    DpmppSde = dpmpp_sde::DpmppSde {
        name: "dpmpp-sde",
        label: "DPM++ SDE",
        is_usual: true,
        class_name: Some("DPMSolverSDEScheduler"),
        class_has_curves: true,
        sigmas: SigmaSchedule::ALL,
        own_sigmas: None,
        has_eta: false,
        webui_name: "DPM++ SDE",
        webui_automatic: Some(SigmaSchedule::Karras),
        aliases: &["dpmppsdegpu", "dpmsolversde"],
        noise: StepNoise::Brownian,
    }
    /// `unipc`
    UniPc = unipc::UniPc {
        name: "unipc",
        label: "UniPC",
        is_usual: true,
        class_name: Some("UniPCMultistepScheduler"),
        class_has_curves: true,
        sigmas: SigmaSchedule::ALL,
        own_sigmas: None,
        has_eta: false,
        webui_name: "UniPC",
        webui_automatic: None,
        aliases: &["unipcbh2", "unipcmultistep"],
        noise: StepNoise::None,
    }
    /// `ddim`
    Ddim = ddim::Ddim {
        name: "ddim",
        label: "DDIM",
        is_usual: true,
        class_name: Some("DDIMScheduler"),
        class_has_curves: false,
        sigmas: SigmaSchedule::LISTS,
        own_sigmas: None,
        has_eta: true,
        webui_name: "DDIM",
        webui_automatic: None,
        aliases: &[],
        noise: StepNoise::None,
    }
    /// `lcm`
    Lcm = lcm::Lcm {
        name: "lcm",
        label: "LCM",
        is_usual: true,
        class_name: Some("LCMScheduler"),
        class_has_curves: false,
        sigmas: SigmaSchedule::LISTS,
        own_sigmas: None,
        has_eta: false,
        webui_name: "LCM",
        webui_automatic: None,
        aliases: &[],
        noise: StepNoise::Draws,
    }
    /// `heun`
    Heun = heun::Heun {
        name: "heun",
        label: "Heun",
        is_usual: false,
        class_name: Some("HeunDiscreteScheduler"),
        class_has_curves: true,
        sigmas: SigmaSchedule::ALL,
        own_sigmas: None,
        has_eta: false,
        webui_name: "Heun",
        webui_automatic: None,
        aliases: &[],
        noise: StepNoise::None,
    }
    /// `kdpm2`
    Kdpm2 = kdpm2::Kdpm2 {
        name: "kdpm2",
        label: "DPM2",
        is_usual: false,
        class_name: Some("KDPM2DiscreteScheduler"),
        class_has_curves: true,
        sigmas: SigmaSchedule::ALL,
        own_sigmas: Some(SigmaSchedule::Uniform),
        has_eta: false,
        webui_name: "DPM2",
        webui_automatic: Some(SigmaSchedule::Karras),
        aliases: &["dpm2"],
        noise: StepNoise::None,
    }
    /// `kdpm2-ancestral`
    Kdpm2Ancestral = kdpm2_ancestral::Kdpm2Ancestral {
        name: "kdpm2-ancestral",
        label: "DPM2 a",
        is_usual: false,
        class_name: Some("KDPM2AncestralDiscreteScheduler"),
        class_has_curves: true,
        sigmas: SigmaSchedule::ALL,
        own_sigmas: None,
        has_eta: false,
        webui_name: "DPM2 a",
        webui_automatic: Some(SigmaSchedule::Karras),
        aliases: &["dpm2a", "dpm2ancestral", "kdpm2a"],
        noise: StepNoise::Draws,
    }
    /// `dpmpp-2s-ancestral`
    Dpmpp2sAncestral = dpmpp_2s_ancestral::Dpmpp2sAncestral {
        name: "dpmpp-2s-ancestral",
        label: "DPM++ 2S a",
        is_usual: false,
        class_name: None,
        class_has_curves: false,
        sigmas: SigmaSchedule::ALL,
        own_sigmas: None,
        has_eta: false,
        webui_name: "DPM++ 2S a",
        webui_automatic: Some(SigmaSchedule::Karras),
        aliases: &["dpmpp2sa"],
        noise: StepNoise::Draws,
    }
    /// `dpmpp-3m-sde`
    Dpmpp3mSde = dpmpp_3m_sde::Dpmpp3mSde {
        name: "dpmpp-3m-sde",
        label: "DPM++ 3M SDE",
        is_usual: false,
        class_name: None,
        class_has_curves: false,
        sigmas: SigmaSchedule::ALL,
        own_sigmas: None,
        has_eta: false,
        webui_name: "DPM++ 3M SDE",
        webui_automatic: Some(SigmaSchedule::Exponential),
        aliases: &["dpmpp3msdegpu"],
        noise: StepNoise::Brownian,
    }
    /// `dpmpp-2m-sde-heun`
    Dpmpp2mSdeHeun = dpmpp_2m_sde_heun::Dpmpp2mSdeHeun {
        name: "dpmpp-2m-sde-heun",
        label: "DPM++ 2M SDE Heun",
        is_usual: false,
        class_name: None,
        class_has_curves: false,
        sigmas: SigmaSchedule::ALL,
        own_sigmas: None,
        has_eta: false,
        webui_name: "DPM++ 2M SDE Heun",
        webui_automatic: Some(SigmaSchedule::Exponential),
        aliases: &["dpmpp2msdeheungpu"],
        noise: StepNoise::Brownian,
    }
    /// `deis`
    Deis = deis::Deis {
        name: "deis",
        label: "DEIS",
        is_usual: false,
        class_name: Some("DEISMultistepScheduler"),
        class_has_curves: true,
        sigmas: SigmaSchedule::ALL,
        own_sigmas: None,
        has_eta: false,
        webui_name: "DEIS",
        webui_automatic: None,
        aliases: &["deismultistep"],
        noise: StepNoise::None,
    }
    /// `lms`
    Lms = lms::Lms {
        name: "lms",
        label: "LMS",
        is_usual: false,
        class_name: Some("LMSDiscreteScheduler"),
        class_has_curves: true,
        sigmas: SigmaSchedule::ALL,
        own_sigmas: None,
        has_eta: false,
        webui_name: "LMS",
        webui_automatic: None,
        aliases: &["lmsdiscrete"],
        noise: StepNoise::None,
    }
    /// `ipndm`
    Ipndm = ipndm::Ipndm {
        name: "ipndm",
        label: "IPNDM",
        is_usual: false,
        class_name: None,
        class_has_curves: false,
        sigmas: SigmaSchedule::ALL,
        own_sigmas: None,
        has_eta: false,
        webui_name: "IPNDM",
        webui_automatic: None,
        aliases: &[],
        noise: StepNoise::None,
    }
    /// `pndm`
    Pndm = pndm::Pndm {
        name: "pndm",
        label: "PNDM (PLMS)",
        is_usual: false,
        class_name: Some("PNDMScheduler"),
        class_has_curves: false,
        sigmas: SigmaSchedule::SPACINGS,
        own_sigmas: None,
        has_eta: false,
        webui_name: "PLMS",
        webui_automatic: None,
        aliases: &[],
        noise: StepNoise::None,
    }
    /// `ddpm`
    Ddpm = ddpm::Ddpm {
        name: "ddpm",
        label: "DDPM",
        is_usual: false,
        class_name: Some("DDPMScheduler"),
        class_has_curves: false,
        sigmas: SigmaSchedule::LISTS,
        own_sigmas: None,
        has_eta: false,
        webui_name: "DDPM",
        webui_automatic: None,
        aliases: &[],
        noise: StepNoise::Draws,
    }
    /// `tcd`
    Tcd = tcd::Tcd {
        name: "tcd",
        label: "TCD",
        is_usual: false,
        class_name: Some("TCDScheduler"),
        class_has_curves: false,
        sigmas: SigmaSchedule::LISTS,
        own_sigmas: None,
        has_eta: true,
        webui_name: "TCD",
        webui_automatic: None,
        aliases: &[],
        noise: StepNoise::Draws,
    }
    /// `restart`
    Restart = restart::Restart {
        name: "restart",
        label: "Restart",
        is_usual: false,
        class_name: None,
        class_has_curves: false,
        sigmas: &[SigmaSchedule::Karras],
        own_sigmas: Some(SigmaSchedule::Karras),
        has_eta: false,
        webui_name: "Restart",
        webui_automatic: Some(SigmaSchedule::Karras),
        aliases: &[],
        noise: StepNoise::Draws,
    }
    /// `dpm-adaptive`
    DpmAdaptive = dpm_adaptive::DpmAdaptive {
        name: "dpm-adaptive",
        label: "DPM adaptive",
        is_usual: false,
        class_name: None,
        class_has_curves: false,
        sigmas: &[],
        own_sigmas: None,
        has_eta: false,
        webui_name: "DPM adaptive",
        webui_automatic: None,
        aliases: &["dpmad"],
        noise: StepNoise::Draws,
    }
    /// `dpm-fast`
    DpmFast = dpm_fast::DpmFast {
        name: "dpm-fast",
        label: "DPM fast",
        is_usual: false,
        class_name: None,
        class_has_curves: false,
        sigmas: &[],
        own_sigmas: None,
        has_eta: false,
        webui_name: "DPM fast",
        webui_automatic: None,
        aliases: &[],
        noise: StepNoise::Draws,
    }
    /// `flow-match-euler`
    FlowMatchEuler = flow_match_euler::FlowMatchEuler {
        name: "flow-match-euler",
        label: "Euler, flow matching",
        is_usual: false,
        class_name: Some("FlowMatchEulerDiscreteScheduler"),
        class_has_curves: true,
        sigmas: SigmaSchedule::OF_FLOW,
        own_sigmas: None,
        has_eta: false,
        webui_name: "Euler Flow Match",
        webui_automatic: None,
        aliases: &["flowmatcheulerdiscrete"],
        noise: StepNoise::None,
    }
    /// `flow-match-heun`
    FlowMatchHeun = flow_match_heun::FlowMatchHeun {
        name: "flow-match-heun",
        label: "Heun, flow matching",
        is_usual: false,
        class_name: Some("FlowMatchHeunDiscreteScheduler"),
        class_has_curves: false,
        sigmas: SigmaSchedule::OF_FLOW,
        own_sigmas: None,
        has_eta: false,
        webui_name: "Heun Flow Match",
        webui_automatic: None,
        aliases: &["flowmatchheundiscrete"],
        noise: StepNoise::None,
    }
}

#[cfg(feature = "engine")]
impl AnySampler {
    /// Samples from `latents` `[b, c, h, w]`, which have the noise level of evaluation `begin`, to
    /// the end. `noise` returns tensors of their shape.
    ///
    /// # Errors
    /// Those of `denoiser` and `callback`.
    pub async fn sample<D: Denoiser, C: OnEvaluated>(
        &self,
        denoiser: &mut D,
        callback: &mut C,
        noise: &mut dyn Noise,
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
        Self::ALL.iter().copied().find(|name| name.row().class_name == Some(class_name))
    }
}
