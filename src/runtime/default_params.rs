//! Default parameters of a model.

use crate::error::{Error, Result};
use crate::families::Checkpoint;
use crate::params::GenerationParams;
use crate::scheduler::{self, SamplerName, SamplerOptions, SchedulerConfig, SchedulerName};
use crate::weights::ModelCard;

/// Schedulers in place of one that is not supported, the best for most models first.
const SUBSTITUTES: [SamplerName; 4] = [
    SamplerName::DpmSolverMultistep,
    SamplerName::Euler,
    SamplerName::Ddim,
    SamplerName::FlowMatchEuler,
];

/// Returns the parameters of the checkpoint's `hearth.json`; what it leaves open is as for models of
/// its kind. `name` identifies the kind where no config does. If the model's own scheduler is not
/// supported, or not one for the few steps of the model, another takes its place.
pub fn default_params(checkpoint: &Checkpoint, name: &str) -> GenerationParams {
    let usual = GenerationParams::default();
    let ModelCard { num_inference_steps, guidance_scale, default_prompt, .. } =
        &checkpoint.model_card;
    let few_steps = checkpoint.family.few_steps(&checkpoint.scheduler, name);
    let num_inference_steps = num_inference_steps
        .or(few_steps.map(|few| few.num_inference_steps))
        .unwrap_or(usual.num_inference_steps);
    let guidance_scale =
        guidance_scale.or(few_steps.map(|few| few.guidance_scale)).unwrap_or(usual.guidance_scale);
    let keeps_own = few_steps.is_none_or(|few| few.keeps_own_scheduler);
    let own = own_scheduler(&checkpoint.scheduler).ok().filter(|_| keeps_own);
    let of_kind = few_steps.and_then(|few| few.scheduler);
    let scheduler = own.or(of_kind).unwrap_or_else(|| substitute(&checkpoint.scheduler));
    let [width, height] = checkpoint.native_size();
    GenerationParams {
        prompt: default_prompt.clone(),
        num_inference_steps,
        guidance_scale,
        scheduler: Some(scheduler),
        width,
        height,
        ..usual
    }
}

/// Returns the scheduler of a config, if it can be created with the config's options.
///
/// # Errors
/// If the class or one of the options is not supported.
pub fn own_scheduler(config: &SchedulerConfig) -> Result<SchedulerName> {
    let name = config.scheduler_name()?;
    create(name, config).map(|()| name)
}

/// Returns a scheduler that can be created with the options of a config.
fn substitute(config: &SchedulerConfig) -> SchedulerName {
    let mut names = SUBSTITUTES.into_iter().map(SchedulerName::from);
    names.find(|name| create(*name, config).is_ok()).unwrap_or(SUBSTITUTES[0].into())
}

fn create(name: SchedulerName, config: &SchedulerConfig) -> Result<(), Error> {
    const STEPS: usize = 1;
    scheduler::create(Some(name), &SamplerOptions::new(config, STEPS)).map(drop)
}
