//! Data of a model family.

use crate::error::{Error, Id, Message, Result};
use crate::model::{Component, UNet2DConditionConfig};
use crate::scheduler::SchedulerConfig;
use crate::weights::Architecture;
use crate::weights::single_file::{FileKeys, FilePart};

/// Data of a family.
#[derive(Debug)]
pub struct FamilySpec {
    /// Returns the display name of a model with this UNet.
    pub name: fn(&UNet2DConditionConfig) -> &'static str,
    /// diffusers pipelines of this family.
    pub pipelines: &'static [PipelineClass],
    /// Networks, in the order in which a run uses them.
    pub components: &'static [ComponentRow],
    /// Inputs of the denoising network in addition to latents and timestep.
    pub conditioning: Conditioning,
    /// Latent space.
    pub latents: LatentSpace,
    /// Whether activations of its autoencoder exceed the range of f16, unless the config's
    /// `force_upcast` is off.
    pub vae_overflows_f16: bool,
    /// Architectures in single files.
    pub architectures: &'static [&'static Architecture],
}

impl FamilySpec {
    /// Returns the row of a network.
    ///
    /// # Errors
    /// [`Error::Internal`] if the family has no such network.
    pub fn row(&self, component: Component) -> Result<&'static ComponentRow> {
        let row = self.components.iter().find(|row| row.component == component);
        row.ok_or_else(|| lacks(component))
    }
}

/// Returns the error for a network that the checkpoint does not have.
pub(crate) fn lacks(component: Component) -> Error {
    let reason = Message::verbatim(format!("this checkpoint has no {}", component.name));
    Error::Internal { reason }
}

/// A diffusers pipeline: `_class_name` in `model_index.json`.
#[derive(Debug)]
pub struct PipelineClass {
    /// Class name.
    pub name: &'static str,
    /// Returns the scheduler config with the corrections of the pipeline.
    pub scheduler: fn(SchedulerConfig) -> SchedulerConfig,
}

/// A network of a family.
#[derive(Debug)]
pub struct ComponentRow {
    /// Component.
    pub component: Component,
    /// Folder of its tokenizer, for a text encoder.
    pub tokenizer: Option<&'static str>,
    /// Name in a sentence.
    pub name: Id,
    /// Label in the description of a checkpoint.
    pub label: Id,
}

impl ComponentRow {
    /// The only text encoder, or the first.
    pub const TEXT_ENCODER: ComponentRow = ComponentRow {
        component: Component::TEXT_ENCODER,
        tokenizer: Some("tokenizer"),
        name: Id::text_encoder,
        label: Id::term_text_encoder,
    };
    /// The second text encoder.
    pub const TEXT_ENCODER_2: ComponentRow = ComponentRow {
        component: Component::TEXT_ENCODER_2,
        tokenizer: Some("tokenizer_2"),
        name: Id::second_text_encoder,
        label: Id::term_second_text_encoder,
    };
    /// The UNet.
    pub const UNET: ComponentRow = ComponentRow {
        component: Component::UNET,
        tokenizer: None,
        name: Id::unet,
        label: Id::term_unet,
    };
    /// The autoencoder.
    pub const VAE: ComponentRow = ComponentRow {
        component: Component::VAE,
        tokenizer: None,
        name: Id::autoencoder,
        label: Id::term_vae,
    };
}

/// The UNet in a single file of CompVis or Stability AI.
pub(super) const COMPVIS_UNET: FilePart = FilePart {
    component: Component::UNET,
    prefixes: &["model.diffusion_model."],
    keys: FileKeys::CompVisUNet,
    name: Id::unet,
};

/// The autoencoder in such a file: with the prefix of training, or that of some programs.
pub(super) const COMPVIS_VAE: FilePart = FilePart {
    component: Component::VAE,
    prefixes: &["first_stage_model.", "vae."],
    keys: FileKeys::CompVisVae,
    name: Id::autoencoder_vae,
};

/// Inputs of the denoising network in addition to latents and timestep.
#[derive(Debug)]
pub struct Conditioning {
    /// Hidden states of each text encoder.
    pub states: TextStates,
    /// Returns the micro-conditioning numbers for an image of `[width, height]` pixels; `None` if
    /// the network takes neither these nor the pooled prompt.
    pub time_ids: Option<fn([usize; 2]) -> Vec<f32>>,
    /// Whether `force_zeros_for_empty_prompt` in `model_index.json` applies: without a negative
    /// prompt the negative half is then zeros instead of an empty text's states.
    pub forces_zeros: bool,
}

/// Selection of hidden states of a text encoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextStates {
    /// Those of the last layer, after the final norm.
    Last,
    /// Those before the last layer.
    Penultimate,
}

/// Latent space that the autoencoders of a family share.
#[derive(Debug)]
pub struct LatentSpace {
    /// The `scaling_factor` of autoencoders with these latents.
    pub scaling_factor: f64,
    /// RGB in −1..1 for each latent channel, least squares over photographs.
    pub rgb_factors: [[f32; 3]; 4],
    /// Added to the RGB values.
    pub rgb_bias: [f32; 3],
}
