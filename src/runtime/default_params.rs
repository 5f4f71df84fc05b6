//! Default parameters of a model.

use crate::families::Checkpoint;
use crate::params::GenerationParams;
use crate::scheduler::SamplerName;
use crate::weights::ModelCard;

/// Returns the parameters of the checkpoint's `hearth.json`, else those for models of its kind.
/// `name` identifies the kind where no config does. If the model's own scheduler is not supported,
/// the scheduler is the best one for most models, or the one for models of its kind.
pub fn default_params(checkpoint: &Checkpoint, name: &str) -> GenerationParams {
    let ModelCard { num_inference_steps, guidance_scale, default_prompt, .. } =
        &checkpoint.model_card;
    let has_model_card = checkpoint.model_card != ModelCard::default();
    let few_steps = checkpoint.family.few_steps(&checkpoint.scheduler, name);
    let (num_inference_steps, guidance_scale) = match few_steps {
        Some(few) if !has_model_card => (few.num_inference_steps, few.guidance_scale),
        _ => (*num_inference_steps, *guidance_scale),
    };
    let own = checkpoint.scheduler.scheduler_name().ok();
    let of_kind = few_steps.and_then(|few| few.scheduler);
    let scheduler = own.or(of_kind).unwrap_or(SamplerName::DpmSolverMultistep.into());
    let [width, height] = checkpoint.native_size();
    GenerationParams {
        prompt: default_prompt.clone(),
        num_inference_steps,
        guidance_scale,
        scheduler: Some(scheduler),
        width,
        height,
        ..GenerationParams::default()
    }
}
