//! Which steps a run takes.

use super::family::NetworkFacts;
use super::request::Request;
use crate::error::{Error, Message, Result, messages};
use crate::scheduler::{
    self, AnySampler, Evaluations, SamplerName, SamplerOptions, SchedulerConfig,
};

/// A prepared sampler, and where in its evaluations the run begins.
#[derive(Debug)]
pub struct Schedule {
    /// What steps.
    pub sampler: AnySampler,
    /// Index of the first evaluation; more than 0 where a picture is given that is not given up altogether.
    pub begin: usize,
}

impl Schedule {
    /// For a run of `request` on a model with this scheduler config and such a network.
    ///
    /// # Errors
    /// If the scheduler cannot be had, or no step is left of the request.
    pub fn new(request: &Request, config: &SchedulerConfig, facts: NetworkFacts) -> Result<Self> {
        let steps = request.params.num_inference_steps;
        let strength = strength_of_schedule(request, config, facts)?;
        let options = SamplerOptions {
            eta: request.params.eta,
            strength: strength.unwrap_or(1.0),
            ..SamplerOptions::new(config, steps)
        };
        let sampler = scheduler::create(request.params.scheduler, &options)?;
        let begin = match &request.start {
            Some(_) if strength.is_none() => {
                skipped(steps, request.params.strength, sampler.evaluations())?
            }
            _ => 0,
        };
        Ok(Schedule { sampler, begin })
    }

    /// The timesteps of the evaluations that are made, noisiest first.
    pub fn timesteps(&self) -> Vec<f64> {
        self.sampler.evaluations().timesteps().skip(self.begin).collect()
    }

    /// The steps that are taken: fewer than are asked for where a picture is not given up altogether, and with
    /// PNDM one more.
    pub fn steps(&self) -> usize {
        let evaluations = self.sampler.evaluations();
        evaluations.steps_done(self.begin, evaluations.len() - 1)
    }
}

/// How many evaluations are left out (diffusers `get_timesteps`).
fn skipped(steps: usize, strength: f64, evaluations: &Evaluations) -> Result<usize> {
    let taken = ((steps as f64 * strength) as usize).min(steps);
    let begin = evaluations.first_of_step(steps - taken);
    if taken == 0 || begin >= evaluations.len() {
        return Err(Error::InvalidRequest {
            field: "strength",
            value: Message::verbatim(strength),
            reason: match steps {
                1 => messages::no_step_left(),
                _ => messages::no_steps_left(steps),
            },
        });
    }
    Ok(begin)
}

/// Where a latent consistency model makes a picture from a picture it takes all its steps, and they begin
/// lower: `LatentConsistencyModelImg2ImgPipeline`. SDXL's has none, and none paints in a mask.
fn strength_of_schedule(
    request: &Request,
    config: &SchedulerConfig,
    facts: NetworkFacts,
) -> Result<Option<f64>> {
    if request.start.as_ref().is_none_or(|start| start.mask.is_some()) {
        return Ok(None);
    }
    let name = match request.params.scheduler {
        Some(name) => name,
        None => config.scheduler_name()?,
    };
    Ok((facts.strength_in_schedule && name.sampler() == SamplerName::Lcm)
        .then_some(request.params.strength))
}
