//! Diagnosis of safetensors files that are not Stable Diffusion checkpoints, by their keys.

use super::super::safetensors::Entry;
use crate::error::Error;

/// What to use instead; without a full stop.
const REMEDY: &str = "Hearth opens whole checkpoints of Stable Diffusion 1.x, 2.x and XL: one \
                      .safetensors file, or a folder in diffusers layout";

/// A pattern in a file's keys.
enum Sign {
    Begins(&'static str),
    Contains(&'static str),
    Ends(&'static str),
    Is(&'static str),
}

impl Sign {
    fn is_in(&self, key: &str) -> bool {
        match self {
            Sign::Begins(text) => key.starts_with(text),
            Sign::Contains(text) => key.contains(text),
            Sign::Ends(text) => key.ends_with(text),
            Sign::Is(text) => key == *text,
        }
    }
}

use Sign::{Begins, Contains, Ends, Is};

/// Patterns that no checkpoint has, with the files that have them. The first match counts.
const NEVER: [(&[Sign], &str); 24] = [
    (
        &[
            Begins("lora_unet_"),
            Begins("lora_te"),
            Contains("lora_up."),
            Contains("lora_down."),
            Contains(".lora_A."),
            Contains(".lora_B."),
            Contains("_lora."),
            Contains(".lora."),
            Contains("hada_w1"),
            Contains("lokr_w"),
            Contains("oft_blocks"),
            Contains("dora_scale"),
        ],
        "a LoRA, which changes a checkpoint and is none itself",
    ),
    (
        &[
            Begins("control_model."),
            Contains("controlnet_"),
            Begins("input_hint_block."),
            Begins("zero_convs."),
            Begins("lllite_"),
        ],
        "a ControlNet, which steers a checkpoint and is none itself",
    ),
    (
        &[Begins("ip_adapter."), Begins("image_proj."), Begins("adapter.body.")],
        "an adapter, which steers a checkpoint and is none itself",
    ),
    (
        &[Contains("motion_modules."), Contains(".time_stack."), Contains("temporal_transformer.")],
        "a video model",
    ),
    (&[Ends(".absmax"), Contains(".quant_state.")], "a checkpoint whose weights are quantised"),
    (&[Is("edm_mean")], "Playground 2.5, whose latents and noise are scaled in their own way"),
    (&[Is("edm_vpred.sigma_max")], "a checkpoint with continuous noise levels, such as CosXL"),
    (
        &[Begins("conditioner.embedders.0.model.")],
        "the refiner of Stable Diffusion XL, which finishes what the base began",
    ),
    (&[Contains("joint_blocks.")], "Stable Diffusion 3"),
    (
        &[Begins("clip_txt_mapper."), Begins("clip_mapper."), Contains(".channelwise.")],
        "Stable Cascade",
    ),
    (&[Contains("distilled_guidance_layer.")], "Chroma"),
    (
        &[Contains("individual_token_refiner."), Contains("patchify_proj."), Contains("qkv_x.")],
        "a video model",
    ),
    (&[Contains("head.modulation"), Contains("motion_encoder.")], "a video model"),
    (&[Contains("single_stream_modulation"), Contains("early_stream_modulations")], "Flux 2 or 3"),
    (&[Contains("double_blocks.")], "Flux"),
    (&[Contains("double_stream_blocks.")], "HiDream"),
    (&[Contains("double_layers.")], "AuraFlow"),
    (&[Contains("cap_embedder.")], "Lumina or Z-Image"),
    (&[Contains(".q_linear."), Contains("adaln_single.")], "PixArt or Sana"),
    (&[Begins("net.x_embedder.")], "Cosmos"),
    (
        &[Contains(".attn.add_q_proj."), Contains("adaLN_modulation"), Contains(".norm1_context.")],
        "a diffusion transformer, such as Stable Diffusion 3 or Flux",
    ),
    (&[Contains(".RDB"), Contains(".rdb1.")], "an upscaler of pictures"),
    (&[Contains("SelfAttention.")], "a T5 text encoder"),
    (&[Begins("model.layers.0.self_attn."), Begins("model.embed_tokens.")], "a language model"),
];

/// Patterns of files with a part of a checkpoint.
const PARTS: [(&[Sign], &str); 5] = [
    (
        &[Begins("input_blocks."), Begins("down_blocks."), Begins("unet."), Begins("up_blocks.")],
        "a UNet alone, without autoencoder and text encoder",
    ),
    (&[Begins("decoder.layers."), Begins("encoder.layers.")], "a tiny autoencoder alone"),
    (&[Begins("vision_model."), Contains(".vision_model.")], "an image encoder"),
    (
        &[
            Begins("text_model."),
            Begins("cond_stage_model."),
            Begins("conditioner."),
            Begins("text_encoders."),
            Begins("transformer.resblocks."),
            Begins("embeddings."),
        ],
        "a text encoder alone, without UNet and autoencoder",
    ),
    (
        &[
            Begins("first_stage_model."),
            Begins("vae."),
            Begins("encoder."),
            Begins("decoder."),
            Begins("quant_conv."),
        ],
        "an autoencoder (VAE) alone, without UNet and text encoder",
    ),
];

/// Returns what a file is if it has a pattern that no checkpoint has.
pub(super) fn never(entries: &[Entry]) -> Option<&'static str> {
    first(&NEVER, entries)
}

/// Returns what a file is that has no UNet.
pub(super) fn without_unet(entries: &[Entry]) -> String {
    let Some(some) = entries.first() else {
        return "a safetensors file without any tensor".to_string();
    };
    if is_embedding(entries) {
        return "a textual inversion, which is a word for a checkpoint and is none itself".into();
    }
    match first(&PARTS, entries) {
        Some(found) => found.to_string(),
        None => {
            let name: String = some.name.chars().take(80).collect();
            format!("no checkpoint of Stable Diffusion (it holds {name:?})")
        }
    }
}

/// Returns the error for a file that is `found`.
pub(super) fn refuse(path: &str, found: impl Into<String>) -> Error {
    let (path, found) = (path.to_string(), found.into());
    Error::NotACheckpoint { path, found, remedy: REMEDY.to_string() }
}

/// Whether these are a few vectors as wide as a text encoder, with names that are no paths.
fn is_embedding(entries: &[Entry]) -> bool {
    const WIDTHS: [usize; 3] = [768, 1024, 1280];
    const MOST_VECTORS: usize = 256;
    let of_vectors = |entry: &Entry| match entry.shape.as_slice() {
        [width] => WIDTHS.contains(width),
        [vectors, width] => *vectors <= MOST_VECTORS && WIDTHS.contains(width),
        _ => false,
    };
    entries.len() <= 4 && entries.iter().all(|e| !e.name.contains('.') && of_vectors(e))
}

fn first(table: &[(&[Sign], &'static str)], entries: &[Entry]) -> Option<&'static str> {
    let has = |sign: &Sign| entries.iter().any(|entry| sign.is_in(&entry.name));
    table.iter().find(|(signs, _)| signs.iter().any(has)).map(|(_, found)| *found)
}
