//! Data of a model family.

use crate::error::{Error, Id, Message, Result};
use crate::model::{Component, UNet2DConditionConfig};
use crate::scheduler::SchedulerConfig;
use crate::weights::Architecture;
use crate::weights::single_file::{FileKeys, FilePart};

/// Everything about a family that is no code.
#[derive(Debug)]
pub struct FamilySpec {
    /// Returns the name for people of a model with this UNet.
    pub name: fn(&UNet2DConditionConfig) -> &'static str,
    /// The pipelines of diffusers whose checkpoints are of this family.
    pub pipelines: &'static [PipelineClass],
    /// Its networks, in the order in which a run uses them.
    pub components: &'static [ComponentRow],
    /// What its network gets beside latents and timestep.
    pub conditioning: Conditioning,
    /// Its latents.
    pub latents: LatentSpace,
    /// Whether activations of its autoencoder exceed the range of f16, unless the config's `force_upcast` is off.
    pub vae_overflows_f16: bool,
    /// Its architectures in single files.
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

/// The error for a network that a checkpoint has not.
pub(super) fn lacks(component: Component) -> Error {
    let reason = Message::verbatim(format!("this checkpoint has no {}", component.name));
    Error::Internal { reason }
}

/// A pipeline of diffusers: `_class_name` in `model_index.json`.
#[derive(Debug)]
pub struct PipelineClass {
    /// The name of the class.
    pub name: &'static str,
    /// Returns the scheduler config as the pipeline corrects it.
    pub scheduler: fn(SchedulerConfig) -> SchedulerConfig,
}

/// A network of a family.
#[derive(Debug)]
pub struct ComponentRow {
    /// The network.
    pub component: Component,
    /// Folder of its tokenizer, if it reads text.
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

/// What a network gets about a picture beside latents and timestep.
#[derive(Debug)]
pub struct Conditioning {
    /// Which hidden states of each text encoder it gets.
    pub states: TextStates,
    /// If it gets numbers about the picture and the pooled prompt: returns the numbers for a picture of
    /// `[width, height]` pixels.
    pub time_ids: Option<fn([usize; 2]) -> Vec<f32>>,
    /// Whether `force_zeros_for_empty_prompt` in `model_index.json` counts: without a negative prompt the
    /// negative half is then zeros, not an empty text's states.
    pub forces_zeros: bool,
}

/// A choice among the hidden states of a text encoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextStates {
    /// Those of the last layer, after the final norm.
    Last,
    /// Those before the last layer.
    Penultimate,
}

/// The latents that a family's autoencoders share.
#[derive(Debug)]
pub struct LatentSpace {
    /// The `scaling_factor` of autoencoders with these latents.
    pub scaling_factor: f64,
    /// RGB in −1..1 for each latent channel, least squares over photographs.
    pub rgb_factors: [[f32; 3]; 4],
    /// Added to them.
    pub rgb_bias: [f32; 3],
}
