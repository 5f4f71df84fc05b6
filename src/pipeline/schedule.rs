//! Steps of a run.

use super::family::NetworkFacts;
use super::request::Request;
use crate::error::{Error, Message, Result, messages};
use crate::scheduler::{
    self, AnySampler, Evaluations, SamplerName, SamplerOptions, SchedulerConfig,
};

/// A prepared sampler, and the index at which the run begins.
#[derive(Debug)]
pub struct Schedule {
    /// Sampler.
    pub sampler: AnySampler,
    /// Index of the first evaluation; more than 0 for an init image whose strength is below 1.
    pub begin_index: usize,
}

impl Schedule {
    /// Returns the schedule of `request` for a model with this scheduler config and network.
    ///
    /// # Errors
    /// If the scheduler is not available, or `strength` leaves no step.
    pub fn new(request: &Request, config: &SchedulerConfig, facts: NetworkFacts) -> Result<Self> {
        let steps = request.params.num_inference_steps;
        let strength = strength_of_schedule(request, config, facts)?;
        let options = SamplerOptions {
            eta: request.params.eta,
            strength: strength.unwrap_or(1.0),
            is_sdxl: facts.is_sdxl,
            ..SamplerOptions::new(config, steps)
        };
        let sampler = scheduler::create(request.params.scheduler, &options)?;
        let begin_index = match &request.init_image {
            Some(_) if strength.is_none() => {
                skipped(steps, request.params.strength, sampler.evaluations())?
            }
            _ => 0,
        };
        Ok(Schedule { sampler, begin_index })
    }

    /// Returns the timesteps of the run's evaluations, noisiest first.
    pub fn timesteps(&self) -> Vec<f64> {
        self.sampler.evaluations().timesteps().skip(self.begin_index).collect()
    }

    /// Returns the number of evaluations that prompts count: as in AUTOMATIC1111 twice the steps for
    /// samplers of second order, and those of the whole schedule, also where an init image skips some.
    pub fn prompt_steps(&self, num_inference_steps: usize) -> usize {
        match self.sampler.evaluations().len() > num_inference_steps + 1 {
            true => 2 * num_inference_steps,
            false => num_inference_steps,
        }
    }

    /// Returns the number of steps: fewer than requested for an init image whose strength is below
    /// 1, and one more with PNDM.
    pub fn steps(&self) -> usize {
        let evaluations = self.sampler.evaluations();
        evaluations.steps_done(self.begin_index, evaluations.len() - 1)
    }
}

/// Returns how many evaluations are skipped (diffusers `get_timesteps`).
fn skipped(steps: usize, strength: f64, evaluations: &Evaluations) -> Result<usize> {
    let taken = ((steps as f64 * strength) as usize).min(steps);
    let begin_index = evaluations.first_of_step(steps - taken);
    if taken == 0 || begin_index >= evaluations.len() {
        return Err(Error::InvalidRequest {
            field: "strength",
            value: Message::verbatim(strength),
            reason: match steps {
                1 => messages::no_step_left(),
                _ => messages::no_steps_left(steps),
            },
        });
    }
    Ok(begin_index)
}

/// Returns the strength if it shapes the schedule: image to image with a latent consistency model
/// takes all its steps, on a schedule that begins at a lower noise level
/// (`LatentConsistencyModelImg2ImgPipeline`). There is no such pipeline for SDXL, nor for
/// inpainting.
fn strength_of_schedule(
    request: &Request,
    config: &SchedulerConfig,
    facts: NetworkFacts,
) -> Result<Option<f64>> {
    if request.init_image.as_ref().is_none_or(|init_image| init_image.mask.is_some()) {
        return Ok(None);
    }
    let name = match request.params.scheduler {
        Some(name) => name,
        None => config.scheduler_name()?,
    };
    Ok((facts.strength_in_schedule && name.sampler() == SamplerName::Lcm)
        .then_some(request.params.strength))
}
