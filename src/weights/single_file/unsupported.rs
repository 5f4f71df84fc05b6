//! Diagnosis of safetensors files that are not Stable Diffusion checkpoints, by their keys.

use super::super::safetensors::Entry;
use crate::error::{Error, Id, Message, messages};

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
const NEVER: [(&[Sign], Id); 24] = [
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
        Id::lora,
    ),
    (
        &[
            Begins("control_model."),
            Contains("controlnet_"),
            Begins("input_hint_block."),
            Begins("zero_convs."),
            Begins("lllite_"),
        ],
        Id::controlnet,
    ),
    (&[Begins("ip_adapter."), Begins("image_proj."), Begins("adapter.body.")], Id::adapter),
    (
        &[Contains("motion_modules."), Contains(".time_stack."), Contains("temporal_transformer.")],
        Id::video_model,
    ),
    (&[Ends(".absmax"), Contains(".quant_state.")], Id::quantised_checkpoint),
    (&[Is("edm_mean")], Id::playground_2_5),
    (&[Is("edm_vpred.sigma_max")], Id::continuous_noise),
    (&[Begins("conditioner.embedders.0.model.")], Id::sdxl_refiner),
    (&[Contains("joint_blocks.")], Id::stable_diffusion_3),
    (
        &[Begins("clip_txt_mapper."), Begins("clip_mapper."), Contains(".channelwise.")],
        Id::stable_cascade,
    ),
    (&[Contains("distilled_guidance_layer.")], Id::chroma),
    (
        &[Contains("individual_token_refiner."), Contains("patchify_proj."), Contains("qkv_x.")],
        Id::video_model,
    ),
    (&[Contains("head.modulation"), Contains("motion_encoder.")], Id::video_model),
    (&[Contains("single_stream_modulation"), Contains("early_stream_modulations")], Id::flux_2),
    (&[Contains("double_blocks.")], Id::flux),
    (&[Contains("double_stream_blocks.")], Id::hidream),
    (&[Contains("double_layers.")], Id::auraflow),
    (&[Contains("cap_embedder.")], Id::lumina),
    (&[Contains(".q_linear."), Contains("adaln_single.")], Id::pixart),
    (&[Begins("net.x_embedder.")], Id::cosmos),
    (
        &[Contains(".attn.add_q_proj."), Contains("adaLN_modulation"), Contains(".norm1_context.")],
        Id::diffusion_transformer,
    ),
    (&[Contains(".RDB"), Contains(".rdb1.")], Id::upscaler),
    (&[Contains("SelfAttention.")], Id::t5_text_encoder),
    (&[Begins("model.layers.0.self_attn."), Begins("model.embed_tokens.")], Id::language_model),
];

/// Patterns of files with a part of a checkpoint.
const PARTS: [(&[Sign], Id); 5] = [
    (
        &[Begins("input_blocks."), Begins("down_blocks."), Begins("unet."), Begins("up_blocks.")],
        Id::unet_alone,
    ),
    (&[Begins("decoder.layers."), Begins("encoder.layers.")], Id::tiny_autoencoder_alone),
    (&[Begins("vision_model."), Contains(".vision_model.")], Id::image_encoder),
    (
        &[
            Begins("text_model."),
            Begins("cond_stage_model."),
            Begins("conditioner."),
            Begins("text_encoders."),
            Begins("transformer.resblocks."),
            Begins("embeddings."),
        ],
        Id::text_encoder_alone,
    ),
    (
        &[
            Begins("first_stage_model."),
            Begins("vae."),
            Begins("encoder."),
            Begins("decoder."),
            Begins("quant_conv."),
        ],
        Id::vae_alone,
    ),
];

/// Returns what a file is if it has a pattern that no checkpoint has.
pub(super) fn never(entries: &[Entry]) -> Option<Message> {
    first(&NEVER, entries)
}

/// Returns what a file is that has no UNet.
pub(super) fn without_unet(entries: &[Entry]) -> Message {
    let Some(some) = entries.first() else {
        return messages::no_tensors();
    };
    if is_embedding(entries) {
        return messages::textual_inversion();
    }
    match first(&PARTS, entries) {
        Some(found) => found,
        None => {
            let name: String = some.name.chars().take(80).collect();
            messages::no_stable_diffusion(format!("{name:?}"))
        }
    }
}

/// Returns what a file is that has no autoencoder.
pub(super) fn without_vae(entries: &[Entry]) -> Message {
    if entries.is_empty() {
        return messages::no_tensors();
    }
    // Keys that also begin as those of an autoencoder's are of another kind of autoencoder.
    let others = &PARTS[..PARTS.len() - 1];
    first(others, entries).unwrap_or_else(messages::no_vae)
}

/// Returns the error for a file that is `found`.
pub(super) fn refuse(path: &str, found: Message) -> Error {
    Error::NotACheckpoint { path: path.to_string(), found, remedy: messages::files_that_work() }
}

/// Whether these have the names of a textual inversion's vectors, or are a few as wide as a text
/// encoder, with names that are no paths.
fn is_embedding(entries: &[Entry]) -> bool {
    let has = |key: &str| entries.iter().any(|entry| entry.name == key);
    if has("emb_params") || (has("clip_l") && has("clip_g")) {
        return true;
    }
    const WIDTHS: [usize; 3] = [768, 1024, 1280];
    const MOST_VECTORS: usize = 256;
    let of_vectors = |entry: &Entry| match entry.shape.as_slice() {
        [width] => WIDTHS.contains(width),
        [vectors, width] => *vectors <= MOST_VECTORS && WIDTHS.contains(width),
        _ => false,
    };
    entries.len() <= 4 && entries.iter().all(|e| !e.name.contains('.') && of_vectors(e))
}

fn first(table: &[(&[Sign], Id)], entries: &[Entry]) -> Option<Message> {
    let has = |sign: &Sign| entries.iter().any(|entry| sign.is_in(&entry.name));
    table.iter().find(|(signs, _)| signs.iter().any(has)).map(|(_, found)| Message::plain(*found))
}
