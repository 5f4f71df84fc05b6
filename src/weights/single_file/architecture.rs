//! Architecture of a single file, detected by the shapes of its UNet.

use std::collections::BTreeMap;

use super::super::safetensors::Entry;
use super::prediction::Prediction;
use crate::error::{Id, Message, messages};
use crate::model::Component;

/// An architecture: how its single files are recognised, and where its networks are in them.
#[derive(Debug)]
pub struct Architecture {
    /// Name for people.
    pub name: &'static str,
    /// Features of the prompt, as the UNet reads it.
    pub context: usize,
    /// Features of the conditions that are added to the timestep, if there are any.
    pub added: Option<usize>,
    /// Its networks.
    pub parts: &'static [FilePart],
    /// Returns the configs of files for inpainting or not, with this prediction type.
    pub presets: fn(bool, Prediction) -> Preset,
    /// Prediction type of files that state none and are not for inpainting.
    pub prediction: Prediction,
    /// Whether biases of the UNet reveal the prediction type of such files.
    pub has_revealing_bias: bool,
}

impl PartialEq for Architecture {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Architecture {}

/// A network in a single file.
#[derive(Debug)]
pub struct FilePart {
    /// The network.
    pub component: Component,
    /// Prefixes of its keys. Of several, the last that occurs counts.
    pub prefixes: &'static [&'static str],
    /// What its keys are called behind the prefix.
    pub keys: FileKeys,
    /// Name in a sentence.
    pub name: Id,
}

/// Configs of a repository, as texts of JSON.
#[derive(Debug, Clone, Copy)]
pub struct Preset {
    /// The configs of the first repository of an architecture, by their paths.
    pub base: &'static str,
    /// What is different in the repository.
    pub patch: Option<&'static str>,
}

/// Naming of the keys of a network in a single file: which [`KeyMap`](super::KeyMap) it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKeys {
    /// CompVis and Stability AI, a UNet.
    CompVisUNet,
    /// CompVis and Stability AI, an autoencoder.
    CompVisVae,
    /// transformers.
    Clip,
    /// open_clip.
    OpenClip,
}

/// The tensors of a UNet by their CompVis keys.
pub(super) type UNet<'a> = BTreeMap<String, &'a Entry>;

/// Detects which of the `known` architectures a UNet has, and whether it is one for inpainting.
///
/// # Errors
/// What the file is instead, as a phrase after "is".
pub(super) fn architecture(
    unet: &UNet,
    known: &[&'static Architecture],
) -> Result<(&'static Architecture, bool), Message> {
    // Features of the prompt, and of the conditions that are added to the timestep.
    let context = unet
        .iter()
        .find(|(key, _)| key.starts_with("input_blocks.") && key.ends_with("attn2.to_k.weight"))
        .and_then(|(_, entry)| entry.shape.get(1).copied());
    let inputs_of = |key: &str| unet.get(key).and_then(|entry| entry.shape.get(1).copied());
    let (added, channels) =
        (inputs_of("label_emb.0.0.weight"), inputs_of("input_blocks.0.0.weight"));

    if unet.contains_key("label_emb.weight") {
        return Err(messages::sd_upscaler());
    }
    let fits = |known: &&&Architecture| (context, added) == (Some(known.context), known.added);
    let Some(architecture) = known.iter().find(fits) else {
        return Err(match (context, added) {
            (Some(1280), Some(2560)) => messages::sdxl_refiner(),
            (Some(1024), Some(_)) => messages::unclip(),
            (Some(context), _) => messages::other_prompt_width(context),
            (None, _) => messages::reads_no_prompt(),
        });
    };
    let name = architecture.name;
    match channels {
        Some(4) => Ok((architecture, false)),
        Some(9) => Ok((architecture, true)),
        Some(5) => Err(messages::reads_depth(name)),
        Some(8) => Err(messages::instruct_pix2pix(name)),
        Some(n) => Err(messages::unet_input_channels(name, n)),
        None => Err(messages::no_first_convolution(name)),
    }
}
