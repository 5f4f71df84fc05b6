//! Samplers: how the UNet's predictions turn noise into latents, one file per scheduler of
//! diffusers, and the noise schedules they share.
//!
//! `create` chooses and prepares one for a run; everything else goes through `Scheduler`. Without the
//! feature `engine` only the names are there.

#[cfg(feature = "engine")]
mod config;
#[cfg(feature = "engine")]
mod create;
#[cfg(feature = "engine")]
mod ddim;
#[cfg(feature = "engine")]
mod dpm_solver_multistep;
#[cfg(feature = "engine")]
mod euler;
#[cfg(feature = "engine")]
mod euler_ancestral;
#[cfg(feature = "engine")]
mod lcm;
mod name;
#[cfg(feature = "engine")]
mod noise_schedule;
#[cfg(feature = "engine")]
mod pndm;
#[cfg(feature = "engine")]
mod prediction;
#[cfg(feature = "engine")]
mod sigmas;
#[cfg(feature = "engine")]
mod step;
#[cfg(feature = "engine")]
mod timesteps;

#[cfg(feature = "engine")]
pub use config::SchedulerConfig;
#[cfg(feature = "engine")]
pub use create::create;
#[cfg(feature = "engine")]
pub use ddim::Ddim;
#[cfg(feature = "engine")]
pub use dpm_solver_multistep::DpmSolverMultistep;
#[cfg(feature = "engine")]
pub use euler::Euler;
#[cfg(feature = "engine")]
pub use euler_ancestral::EulerAncestral;
#[cfg(feature = "engine")]
pub use lcm::Lcm;
pub use name::SchedulerName;
#[cfg(feature = "engine")]
pub use noise_schedule::NoiseSchedule;
#[cfg(feature = "engine")]
pub use pndm::Pndm;
#[cfg(feature = "engine")]
pub use step::{Scheduler, StepOutput};
