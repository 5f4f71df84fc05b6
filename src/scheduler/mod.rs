//! Samplers: how the UNet's predictions turn noise into latents, one file per scheduler of
//! diffusers, and the noise schedules they share.
//!
//! [`create`] chooses and prepares one for a run; everything else goes through [`Scheduler`].

mod config;
mod create;
mod ddim;
mod dpm_solver_multistep;
mod euler;
mod euler_ancestral;
mod lcm;
mod name;
mod noise_schedule;
mod pndm;
mod prediction;
mod sigmas;
mod step;
mod timesteps;

pub use config::SchedulerConfig;
pub use create::create;
pub use ddim::Ddim;
pub use dpm_solver_multistep::DpmSolverMultistep;
pub use euler::Euler;
pub use euler_ancestral::EulerAncestral;
pub use lcm::Lcm;
pub use name::SchedulerName;
pub use noise_schedule::NoiseSchedule;
pub use pndm::Pndm;
pub use step::{Scheduler, StepOutput};
