//! Description of a checkpoint, for the terminal and the page.

use super::default_params::{default_params, own_scheduler};
use super::limits::Limits;
use super::memory_plan::{format_bytes, memory_plan};
use crate::error::{Error, Id, Message, messages};
use crate::families::{Checkpoint, NetworkFiles};
use crate::model::Component;
use crate::scheduler::SchedulerName;
use crate::weights::{OpenOptions, Source};

/// Description of a checkpoint.
pub struct Inspection {
    /// Display name.
    pub name: String,
    /// Label and value, in display order.
    pub rows: Vec<(Id, Message)>,
    /// Errors and warnings.
    pub problems: Vec<Error>,
    /// The checkpoint, if it can be used.
    pub checkpoint: Option<Checkpoint>,
}

/// Reads every config and the index of the weights, but no weights. It does not fail: errors are
/// part of the description.
pub async fn inspect(source: &impl Source, options: &OpenOptions) -> Inspection {
    match Checkpoint::open(source, options).await {
        Ok(checkpoint) => {
            let name = name(&checkpoint, source);
            let rows = describe(&checkpoint, &name, source);
            let problems = scheduler_warning(&checkpoint, &name).into_iter().collect();
            Inspection { name, rows, problems, checkpoint: Some(checkpoint) }
        }
        Err(first) => {
            // Where one file cannot be fetched, none of the others is worth another wait.
            let is_refused = matches!(first, Error::Network { .. });
            let others = match is_refused {
                true => Vec::new(),
                false => Checkpoint::survey(source, options).await,
            };
            let mut problems = vec![first];
            for error in others {
                if !problems.contains(&error) {
                    problems.push(error);
                }
            }
            let rows = vec![(Id::term_where, source.place_name())];
            Inspection { name: source.place(), rows, problems, checkpoint: None }
        }
    }
}

/// Returns the checkpoint's own name, or its source's.
pub fn name(checkpoint: &Checkpoint, source: &impl Source) -> String {
    checkpoint.model_card.name_or(&source.short_name())
}

fn describe(checkpoint: &Checkpoint, name: &str, source: &impl Source) -> Vec<(Id, Message)> {
    let [width, height] = checkpoint.native_size();
    let layout = match source.single_file() {
        Some(_) => messages::single_file(),
        None => messages::diffusers_folder(),
    };
    let mut rows = vec![
        (Id::term_where, source.place_name()),
        (Id::term_kind, checkpoint.family.kind()),
        (Id::term_layout, layout),
    ];
    for row in checkpoint.family.spec.components {
        if let Some(network) = checkpoint.components.get(&row.component) {
            let vae = checkpoint.vae.as_ref().filter(|_| row.component == Component::VAE);
            rows.push((
                row.label,
                match vae {
                    Some(vae) => messages::from_other_place(vae.name.as_str(), summary(network)),
                    None => summary(network),
                },
            ));
        }
    }
    let networks = checkpoint.components.values();
    let all: u64 = networks.map(|network| network.tensors.parameters()).sum();
    let plan = memory_plan(checkpoint, [width, height], true, Limits::typical_gpu());
    rows.extend([
        (
            Id::term_together,
            messages::model_figures(millions(all), format_bytes(checkpoint.weight_bytes())),
        ),
        (Id::term_scheduler, scheduler(checkpoint, name)),
        (Id::term_own_size, messages::pixel_size(width, height)),
        (
            Id::term_on_gpu,
            messages::gpu_memory(
                format_bytes(plan.weights),
                format_bytes(plan.scratch),
                format_bytes(plan.largest_buffer),
            ),
        ),
    ]);
    rows
}

/// `859.5 M parameters, 1.72 GB in F16; …`
fn summary(network: &NetworkFiles) -> Message {
    let NetworkFiles { config, tensors } = network;
    let dtypes: Vec<String> = tensors.dtypes().into_iter().collect();
    messages::network_figures(
        millions(tensors.parameters()),
        format_bytes(tensors.bytes()),
        dtypes.join(", "),
        config.summary(),
    )
}

fn millions(parameters: u64) -> String {
    format!("{:.1}", parameters as f64 / 1e6)
}

/// Describes the scheduler of the default parameters, or the config's if it is not supported.
fn scheduler(checkpoint: &Checkpoint, name: &str) -> Message {
    let config = &checkpoint.scheduler;
    let scheduler = match (config.scheduler_name(), default_params(checkpoint, name).scheduler) {
        (Ok(_), Some(default)) => default.label(),
        (Ok(own), None) => own.label(),
        (Err(_), _) => config.class_name.clone().unwrap_or_else(|| "none".to_string()),
    };
    let predicts = match config.prediction_type.as_deref() {
        None | Some("epsilon") => messages::noise(),
        Some("v_prediction") => messages::velocity(),
        Some(other) => Message::verbatim(other),
    };
    messages::scheduler_and_prediction(scheduler, predicts)
}

/// Returns a warning if the checkpoint's scheduler is replaced by another.
fn scheduler_warning(checkpoint: &Checkpoint, name: &str) -> Option<Error> {
    let error = own_scheduler(&checkpoint.scheduler).err()?;
    Some(match error {
        Error::Unsupported { path, what, .. } => {
            let scheduler = default_params(checkpoint, name).scheduler.map(SchedulerName::label);
            let remedy = messages::takes_its_place(scheduler.unwrap_or_default());
            Error::Unsupported { path, what, remedy }
        }
        other => other,
    })
}
