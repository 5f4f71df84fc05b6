//! Structure of a UNet in a single file, read from its keys.
//!
//! The presets have the structure of the full models. Smaller ones that were made from them have fewer levels, layers
//! or transformers.

use super::architecture::UNet;
use crate::model::UNetStructure;

/// Keys of a UNet without gaps between its blocks, as [`KeyMap::CompVisUNet`](super::KeyMap) counts them.
///
/// diffusers' script that writes single files counts as if each level had two layers: a UNet with one has
/// `input_blocks` 1, 3 (the downsampler), 4, 6, and so on, and in `output_blocks` every third is an upsampler alone.
pub(super) fn without_gaps(unet: UNet) -> UNet {
    let has = |beginning: &str| unet.keys().any(|key| key.starts_with(beginning));
    let has_gaps = has("input_blocks.3.0.op.") && !has("input_blocks.2.");
    if !has_gaps {
        return unet;
    }
    unet.into_iter().map(|(key, entry)| (renumbered(&key).unwrap_or(key), entry)).collect()
}

fn renumbered(key: &str) -> Option<String> {
    const STRIDE: usize = 3;
    let (side, rest) = key.split_once('.')?;
    let (block, rest) = rest.split_once('.')?;
    let block: usize = block.parse().ok()?;
    let dense = match side {
        "input_blocks" => {
            let place = block.checked_sub(1)?; // The first is `conv_in`.
            let slot = match place % STRIDE {
                0 => 0,
                2 => 1, // The downsampler.
                _ => return None,
            };
            1 + 2 * (place / STRIDE) + slot
        }
        // The upsampler belongs to the block before it.
        "output_blocks" => 2 * (block / STRIDE) + (block % STRIDE).min(1),
        _ => return None,
    };
    Some(format!("{side}.{dense}.{rest}"))
}

/// Returns the structure that the keys of a UNet show; `None` if they show none.
pub(super) fn structure(unet: &UNet) -> Option<UNetStructure> {
    let (mut channels, mut down) = (Vec::new(), Vec::new());
    let mut is_new = true;
    for number in 1.. {
        if unet.contains_key(&format!("input_blocks.{number}.0.op.weight")) {
            is_new = true;
            continue;
        }
        let conv = format!("input_blocks.{number}.0.out_layers.3.weight");
        let Some(conv) = unet.get(&conv) else { break };
        if is_new {
            channels.push(*conv.shape.first()?);
            down.push(Vec::new());
            is_new = false;
        }
        down.last_mut()?.push(depth(unet, &format!("input_blocks.{number}.1.")));
    }
    let mut up = vec![Vec::new()];
    for number in 0.. {
        if !unet.contains_key(&format!("output_blocks.{number}.0.out_layers.3.weight")) {
            break;
        }
        up.last_mut()?.push(depth(unet, &format!("output_blocks.{number}.1.")));
        let upsamples =
            |layer| unet.contains_key(&format!("output_blocks.{number}.{layer}.conv.weight"));
        if upsamples(1) || upsamples(2) {
            up.push(Vec::new());
        }
    }
    let has_middle = unet.contains_key("middle_block.0.out_layers.3.weight");
    let mid = has_middle.then(|| depth(unet, "middle_block.1."));
    let only_cross_attention = only_cross_attention(unet, &down);
    Some(UNetStructure { channels, down, mid, up, only_cross_attention })
}

/// Transformer blocks behind the prefix `attention`.
fn depth(unet: &UNet, attention: &str) -> usize {
    let has = |block: &usize| {
        unet.contains_key(&format!("{attention}transformer_blocks.{block}.attn1.to_q.weight"))
    };
    (0..).take_while(has).count()
}

/// Whether on each level the first attention's keys are made of something else than its queries.
fn only_cross_attention(unet: &UNet, down: &[Vec<usize>]) -> Vec<bool> {
    let mut number = 1;
    let mut levels = Vec::new();
    for layers in down {
        let inputs = |map: &str| {
            let block = format!("input_blocks.{number}.1.transformer_blocks.0.attn1");
            unet.get(&format!("{block}.to_{map}.weight")).and_then(|entry| entry.shape.get(1))
        };
        levels.push(inputs("k") != inputs("q"));
        number += layers.len() + 1; // And the downsampler.
    }
    levels
}
