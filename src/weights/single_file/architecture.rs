//! Which network a single file's UNet is, told by its shapes.

use std::collections::BTreeMap;
use std::fmt;

use super::super::safetensors::Entry;
use crate::error::{Message, messages};

/// The architectures that single files of Stable Diffusion have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    /// SD 1.x
    V1,
    /// SD 2.x
    V2,
    /// SDXL
    Xl,
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Architecture::V1 => "Stable Diffusion 1.x",
            Architecture::V2 => "Stable Diffusion 2.x",
            Architecture::Xl => "Stable Diffusion XL",
        })
    }
}

/// The tensors of a UNet by their CompVis keys.
pub(super) type UNet<'a> = BTreeMap<String, &'a Entry>;

/// The architecture, and whether it is one for inpainting.
///
/// # Errors
/// What it is instead, in words that follow "is".
pub(super) fn architecture(unet: &UNet) -> Result<(Architecture, bool), Message> {
    // What the attention reads, and what is added to the timestep.
    let context = unet
        .iter()
        .find(|(key, _)| key.starts_with("input_blocks.") && key.ends_with("attn2.to_k.weight"))
        .and_then(|(_, entry)| entry.shape.get(1).copied());
    let inputs_of = |key: &str| unet.get(key).and_then(|entry| entry.shape.get(1).copied());
    let (added, channels) =
        (inputs_of("label_emb.0.0.weight"), inputs_of("input_blocks.0.0.weight"));

    let architecture = match (context, added) {
        _ if unet.contains_key("label_emb.weight") => {
            return Err(messages::sd_upscaler());
        }
        (Some(768), None) => Architecture::V1,
        (Some(1024), None) => Architecture::V2,
        (Some(2048), Some(2816)) => Architecture::Xl,
        (Some(1280), Some(2560)) => {
            return Err(messages::sdxl_refiner());
        }
        (Some(1024), Some(_)) => {
            return Err(messages::unclip());
        }
        (Some(context), _) => {
            return Err(messages::other_prompt_width(context));
        }
        (None, _) => {
            return Err(messages::reads_no_prompt());
        }
    };
    let name = architecture.to_string();
    match channels {
        Some(4) => Ok((architecture, false)),
        Some(9) => Ok((architecture, true)),
        Some(5) => Err(messages::reads_depth(name)),
        Some(8) => Err(messages::instruct_pix2pix(name)),
        Some(n) => Err(messages::unet_input_channels(name, n)),
        None => Err(messages::no_first_convolution(name)),
    }
}
