//! Which steps a run takes.

use super::request::Request;
use crate::error::{Error, Message, Result, messages};
use crate::model::UNet2DConditionConfig;
use crate::scheduler::{self, Lcm, Scheduler, SchedulerConfig, SchedulerName};

/// A prepared scheduler, and where in its timesteps the run begins.
pub struct Schedule {
    /// What steps.
    pub scheduler: Box<dyn Scheduler>,
    /// The first step's index; more than 0 where a picture is given that is not given up altogether.
    pub begin: usize,
}

impl Schedule {
    /// For a run of `request` on a model with this scheduler config and this UNet.
    ///
    /// # Errors
    /// If the scheduler cannot be had, or no step is left of the request.
    pub fn new(
        request: &Request,
        config: &SchedulerConfig,
        unet: &UNet2DConditionConfig,
    ) -> Result<Self> {
        let steps = request.params.num_inference_steps;
        if let Some(strength) = strength_of_schedule(request, config, unet)? {
            let scheduler = Box::new(Lcm::with_strength(config, steps, strength)?);
            return Ok(Schedule { scheduler, begin: 0 });
        }
        let scheduler =
            scheduler::create(request.params.scheduler, config, steps, request.params.eta)?;
        let begin = match &request.start {
            Some(_) => skipped(steps, request.params.strength, scheduler.timesteps().len())?,
            None => 0,
        };
        Ok(Schedule { scheduler, begin })
    }

    /// The timesteps of the steps that are taken: fewer than are asked for where a picture is not given up
    /// altogether, and with PNDM one more.
    pub fn timesteps(&self) -> &[f64] {
        &self.scheduler.timesteps()[self.begin..]
    }
}

/// How many steps are left out (diffusers `get_timesteps`).
fn skipped(steps: usize, strength: f64, timesteps: usize) -> Result<usize> {
    let taken = ((steps as f64 * strength) as usize).min(steps);
    let begin = steps - taken;
    if taken == 0 || begin >= timesteps {
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
    unet: &UNet2DConditionConfig,
) -> Result<Option<f64>> {
    if request.start.as_ref().is_none_or(|start| start.mask.is_some()) {
        return Ok(None);
    }
    let name = match request.params.scheduler {
        Some(name) => name,
        None => config.scheduler_name()?,
    };
    let distilled = unet.time_cond_proj_dim.is_some() && unet.addition_embed_type.is_none();
    Ok((distilled && name == SchedulerName::Lcm).then_some(request.params.strength))
}
