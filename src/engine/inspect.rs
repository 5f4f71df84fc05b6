//! What a checkpoint is, in words: the same in the terminal and in the page.

use super::defaults::defaults;
use super::limits::Limits;
use super::plan::{amount, plan};
use crate::error::Error;
use crate::model::VaeConfig;
use crate::scheduler::SchedulerConfig;
use crate::weights::{Checkpoint, Component, Family, OpenOptions, Source, Tensors};

/// What was found.
pub struct Inspection {
    /// A name for people.
    pub name: String,
    /// Label and value, in the order in which they are read.
    pub rows: Vec<(&'static str, String)>,
    /// What is missing or odd.
    pub problems: Vec<Error>,
    /// The checkpoint, if it can be used.
    pub checkpoint: Option<Checkpoint>,
}

/// Reads every config and the index of the weights, and nothing of the weights themselves. It does not
/// fail: what is wrong is what it reports.
pub async fn inspect(source: &impl Source, options: &OpenOptions) -> Inspection {
    match Checkpoint::open(source, options).await {
        Ok(checkpoint) => {
            let name = name(&checkpoint, source);
            let rows = describe(&checkpoint, source);
            let problems = oddity(&checkpoint).into_iter().collect();
            Inspection { name, rows, problems, checkpoint: Some(checkpoint) }
        }
        Err(first) => {
            let mut problems = vec![first];
            for error in Checkpoint::survey(source, options).await {
                if !problems.contains(&error) {
                    problems.push(error);
                }
            }
            let rows = vec![("Where", source.place())];
            Inspection { name: source.place(), rows, problems, checkpoint: None }
        }
    }
}

/// What the checkpoint calls itself, or where it is.
pub fn name(checkpoint: &Checkpoint, source: &impl Source) -> String {
    match checkpoint.sheet.name.as_str() {
        "" => source.place(),
        name => name.to_string(),
    }
}

fn describe(checkpoint: &Checkpoint, source: &impl Source) -> Vec<(&'static str, String)> {
    let [width, height] = checkpoint.own_size();
    let layout = match source.single_file() {
        Some(_) => "a single file",
        None => "a folder in diffusers layout",
    };
    let mut rows =
        vec![("Where", source.place()), ("Kind", kind(checkpoint)), ("Layout", layout.to_string())];
    for (component, tensors) in &checkpoint.tensors {
        rows.push((label(*component), part(checkpoint, *component, tensors)));
    }
    let all: u64 = checkpoint.tensors.values().map(Tensors::parameters).sum();
    let plan = plan(checkpoint, [width, height], true, Limits::usual_gpu());
    rows.extend([
        ("Together", format!("{}, {}", millions(all), amount(checkpoint.weight_bytes()))),
        ("Scheduler", scheduler(&checkpoint.scheduler)),
        ("Own size", format!("{width} × {height} pixels")),
        (
            "On a GPU",
            format!(
                "{} for the weights and about {} beside them at this size; buffers of {}",
                amount(plan.weights),
                amount(plan.scratch),
                amount(plan.largest_buffer)
            ),
        ),
    ]);
    rows
}

fn kind(checkpoint: &Checkpoint) -> String {
    let family = match checkpoint.family {
        Family::StableDiffusion if checkpoint.unet.use_linear_projection => "Stable Diffusion 2",
        Family::StableDiffusion => "Stable Diffusion 1",
        Family::StableDiffusionXl => "Stable Diffusion XL",
    };
    let distilled = match checkpoint.unet.time_cond_proj_dim {
        Some(_) => ", distilled from guidance",
        None => "",
    };
    let inpainting = match checkpoint.unet.in_channels == checkpoint.vae.latent_channels() {
        true => "",
        false => ", for inpainting",
    };
    format!("{family}{distilled}{inpainting}")
}

fn label(component: Component) -> &'static str {
    match component {
        Component::TextEncoder => "Text encoder",
        Component::TextEncoder2 => "Second text encoder",
        Component::UNet => "UNet",
        Component::Vae => "VAE",
    }
}

/// `859.5 M parameters, 1.72 GB in F16; …`
fn part(checkpoint: &Checkpoint, component: Component, tensors: &Tensors) -> String {
    let dtypes: Vec<String> = tensors.dtypes().into_iter().collect();
    let about = |index: usize| {
        checkpoint.text_encoders.get(index).map_or(String::new(), |encoder| {
            format!("CLIP, {} layers of {}", encoder.num_hidden_layers, encoder.hidden_size)
        })
    };
    let about = match component {
        Component::TextEncoder => about(0),
        Component::TextEncoder2 => about(1),
        Component::UNet => {
            let channels: Vec<String> =
                checkpoint.unet.block_out_channels.iter().map(usize::to_string).collect();
            format!("{} channels", channels.join(", "))
        }
        Component::Vae => {
            let (factor, channels) =
                (checkpoint.vae.scale_factor(), checkpoint.vae.latent_channels());
            let class = match checkpoint.vae {
                VaeConfig::Kl(_) => "AutoencoderKL",
                VaeConfig::Tiny(_) => "AutoencoderTiny",
            };
            format!("{class}, {channels} channels at 1/{factor}")
        }
    };
    format!(
        "{}, {} in {}; {about}",
        millions(tensors.parameters()),
        amount(tensors.bytes()),
        dtypes.join(", ")
    )
}

fn millions(parameters: u64) -> String {
    format!("{:.1} M parameters", parameters as f64 / 1e6)
}

fn scheduler(config: &SchedulerConfig) -> String {
    let name = match config.scheduler_name() {
        Ok(name) => name.label().to_string(),
        Err(_) => config.class_name.clone().unwrap_or_else(|| "none".to_string()),
    };
    let predicts = match config.prediction_type.as_deref() {
        None | Some("epsilon") => "noise",
        Some("v_prediction") => "velocity",
        Some(other) => other,
    };
    format!("{name}; the UNet predicts {predicts}")
}

/// What works, and may still surprise.
fn oddity(checkpoint: &Checkpoint) -> Option<Error> {
    let error = checkpoint.scheduler.scheduler_name().err()?;
    Some(match error {
        Error::Unsupported { path, what, .. } => {
            let scheduler =
                defaults(checkpoint, "").scheduler.map_or("another", |name| name.label());
            let remedy = format!("{scheduler} takes its place");
            Error::Unsupported { path, what, remedy }
        }
        other => other,
    })
}
