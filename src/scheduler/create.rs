//! Chooses a scheduler and prepares it for a run.

use super::config::SchedulerConfig;
use super::ddim::Ddim;
use super::dpm_solver_multistep::DpmSolverMultistep;
use super::euler::Euler;
use super::euler_ancestral::EulerAncestral;
use super::lcm::Lcm;
use super::name::SchedulerName;
use super::pndm::Pndm;
use super::step::Scheduler;
use crate::error::Result;

/// The scheduler called `name`, or else the one that the checkpoint's config asks for, prepared for a
/// run of `num_inference_steps`. `eta` matters to DDIM only.
///
/// With another name than the checkpoint's, fields that the config states are carried over, as
/// `Other.from_config(pipe.scheduler.config)` in diffusers does. The one exception are Karras sigmas:
/// of the two DPM-Solver++ names, the name decides.
pub fn create(
    name: Option<SchedulerName>,
    config: &SchedulerConfig,
    num_inference_steps: usize,
    eta: f64,
) -> Result<Box<dyn Scheduler>> {
    let name = match name {
        Some(name) => name,
        None => config.scheduler_name()?,
    };
    let karras = |on| SchedulerConfig { use_karras_sigmas: Some(on), ..config.clone() };
    Ok(match name {
        SchedulerName::Ddim => Box::new(Ddim::new(config, num_inference_steps, eta)?),
        SchedulerName::Pndm => Box::new(Pndm::new(config, num_inference_steps)?),
        SchedulerName::Euler => Box::new(Euler::new(config, num_inference_steps)?),
        SchedulerName::EulerAncestral => {
            Box::new(EulerAncestral::new(config, num_inference_steps)?)
        }
        SchedulerName::DpmSolverMultistep => {
            Box::new(DpmSolverMultistep::new(&karras(false), num_inference_steps)?)
        }
        SchedulerName::DpmSolverMultistepKarras => {
            Box::new(DpmSolverMultistep::new(&karras(true), num_inference_steps)?)
        }
        SchedulerName::Lcm => Box::new(Lcm::new(config, num_inference_steps)?),
    })
}
