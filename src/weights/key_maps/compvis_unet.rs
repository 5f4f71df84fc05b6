//! The UNet of CompVis and Stability (`ldm/modules/diffusionmodules/openaimodel.py`).
//!
//! There the blocks of each side are one list, in which a level's downsampler is a block of its own
//! and its upsampler the last layer of its last block:
//! ```text
//! input_blocks    0: conv_in   1, 2: level 0   3: its downsampler   4, 5: level 1   …
//! output_blocks   0, 1, 2: the lowest level, 2 with its upsampler   3, 4, 5: the next   …
//! ```

use super::index::{indexed, renamed};

/// Outside the blocks. `label_emb` embeds the conditions beside timestep and prompt.
const TOP: [(&str, &str); 8] = [
    ("time_embed.0.", "time_embedding.linear_1."),
    ("time_embed.2.", "time_embedding.linear_2."),
    ("time_embed.cond_proj.", "time_embedding.cond_proj."),
    ("label_emb.0.0.", "add_embedding.linear_1."),
    ("label_emb.0.2.", "add_embedding.linear_2."),
    ("input_blocks.0.0.", "conv_in."),
    ("out.0.", "conv_norm_out."),
    ("out.2.", "conv_out."),
];

/// The layers of a residual block. Those of an attention have the same names on both sides.
const RESNET: [(&str, &str); 6] = [
    ("in_layers.0.", "norm1."),
    ("in_layers.2.", "conv1."),
    ("emb_layers.1.", "time_emb_proj."),
    ("out_layers.0.", "norm2."),
    ("out_layers.3.", "conv2."),
    ("skip_connection.", "conv_shortcut."),
];

/// Returns the module path of a key; `None` if such a UNet does not have it. `layers_per_block`:
/// residual blocks of each level, from the highest resolution down.
pub(super) fn path(layers_per_block: &[usize], key: &str) -> Option<String> {
    if let Some(path) = renamed(&TOP, key) {
        return Some(path);
    }
    let (side, rest) = key.split_once('.')?;
    let (block, rest) = indexed(rest)?;
    match side {
        "input_blocks" => {
            let (layer, rest) = indexed(rest)?;
            down(layers_per_block, block, layer, rest)
        }
        "middle_block" => middle(block, rest),
        "output_blocks" => {
            let (layer, rest) = indexed(rest)?;
            up(layers_per_block, block, layer, rest)
        }
        _ => None,
    }
}

/// Returns the beginnings of module paths with those of their keys in such a file. An upsampler has two:
/// its place depends on whether there is an attention before it.
pub(super) fn prefixes(layers_per_block: &[usize]) -> Vec<(String, String)> {
    let blocks = layers_per_block.iter().map(|layers| layers + 1).sum::<usize>() + 1;
    let inside = || RESNET.iter().map(|(key, _)| *key).chain(["op.", "conv.", ""]);
    let mut keys: Vec<String> = TOP.iter().map(|(key, _)| (*key).to_string()).collect();
    for (block, layer) in (0..blocks).flat_map(|block| (0..3).map(move |layer| (block, layer))) {
        for side in ["input_blocks", "output_blocks"] {
            keys.extend(inside().map(|rest| format!("{side}.{block}.{layer}.{rest}")));
        }
    }
    for block in 0..3 {
        keys.extend(inside().map(|rest| format!("middle_block.{block}.{rest}")));
    }
    keys.into_iter().filter_map(|key| Some((path(layers_per_block, &key)?, key))).collect()
}

fn down(layers_per_block: &[usize], block: usize, layer: usize, rest: &str) -> Option<String> {
    let mut slot = block.checked_sub(1)?; // The first is `conv_in`.
    for (level, &layers) in layers_per_block.iter().enumerate() {
        let lowest = level + 1 == layers_per_block.len();
        match layer {
            0 | 1 if slot < layers => return layer_path("down", level, slot, layer, rest),
            0 if slot == layers && !lowest => {
                let rest = rest.strip_prefix("op.")?;
                return Some(format!("down_blocks.{level}.downsamplers.0.conv.{rest}"));
            }
            _ => slot = slot.checked_sub(layers + 1)?,
        }
    }
    None
}

fn middle(block: usize, rest: &str) -> Option<String> {
    match block {
        0 => renamed(&RESNET, rest).map(|rest| format!("mid_block.resnets.0.{rest}")),
        1 => Some(format!("mid_block.attentions.0.{rest}")),
        2 => renamed(&RESNET, rest).map(|rest| format!("mid_block.resnets.1.{rest}")),
        _ => None,
    }
}

fn up(layers_per_block: &[usize], block: usize, layer: usize, rest: &str) -> Option<String> {
    let mut slot = block;
    for (level, &layers) in layers_per_block.iter().rev().enumerate() {
        // One residual block more than on the way down: the first skip connection is from
        // `conv_in`.
        if slot > layers {
            slot -= layers + 1;
            continue;
        }
        let highest = level + 1 == layers_per_block.len();
        // The upsampler comes after the attention, if there is one.
        return match (layer, rest.strip_prefix("conv.")) {
            (1 | 2, Some(rest)) if slot == layers && !highest => {
                Some(format!("up_blocks.{level}.upsamplers.0.conv.{rest}"))
            }
            (0 | 1, None) => layer_path("up", level, slot, layer, rest),
            _ => None,
        };
    }
    None
}

fn layer_path(side: &str, level: usize, slot: usize, layer: usize, rest: &str) -> Option<String> {
    if layer == 1 {
        return Some(format!("{side}_blocks.{level}.attentions.{slot}.{rest}"));
    }
    let rest = renamed(&RESNET, rest)?;
    Some(format!("{side}_blocks.{level}.resnets.{slot}.{rest}"))
}
