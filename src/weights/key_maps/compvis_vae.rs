//! The autoencoder of CompVis and Stability (`ldm/modules/diffusionmodules/model.py`).

use super::index::{indexed, renamed};
use super::target::{Part, Target};

/// The middle block of encoder and decoder.
const MIDDLE: [(&str, &str); 2] =
    [("mid.block_1.", "mid_block.resnets.0."), ("mid.block_2.", "mid_block.resnets.1.")];

/// The only attention. Its projections are 1×1 convolutions there and linear layers here.
const ATTENTION: [(&str, &str); 9] = [
    ("norm.", "group_norm."),
    ("q.", "to_q."),
    ("k.", "to_k."),
    ("v.", "to_v."),
    ("proj_out.", "to_out.0."),
    // diffusers' script of 2023 wrote its own names, and linear layers.
    ("to_q.", "to_q."),
    ("to_k.", "to_k."),
    ("to_v.", "to_v."),
    ("to_out.0.", "to_out.0."),
];

/// Returns the parameter of a key in an autoencoder of so many levels; `None` if it does not have
/// the key.
pub(super) fn target(levels: usize, key: &str) -> Option<Target> {
    if key.starts_with("quant_conv.") || key.starts_with("post_quant_conv.") {
        return Some(Target::whole(key));
    }
    let (half, rest) = key.split_once('.')?;
    if !["encoder", "decoder"].contains(&half) {
        return None;
    }
    if let Some(rest) = rest.strip_prefix("mid.attn_1.") {
        let part = if rest.starts_with("norm.") { Part::Whole } else { Part::Squeezed };
        let rest = renamed(&ATTENTION, rest)?;
        return Some(Target { path: format!("{half}.mid_block.attentions.0.{rest}"), part });
    }
    if rest.starts_with("conv_in.") || rest.starts_with("conv_out.") {
        return Some(Target::whole(key));
    }
    let path = if let Some(rest) = rest.strip_prefix("norm_out.") {
        format!("conv_norm_out.{rest}")
    } else if let Some(rest) = renamed(&MIDDLE, rest) {
        resnet(&rest)
    } else if half == "encoder" {
        level(levels, rest.strip_prefix("down.")?, "down", |level| level)?
    } else {
        // The decoder's levels are counted from the highest resolution there, from the lowest here.
        level(levels, rest.strip_prefix("up.")?, "up", |level| levels - 1 - level)?
    };
    Some(Target::whole(format!("{half}.{path}")))
}

fn level(levels: usize, rest: &str, way: &str, ours: impl Fn(usize) -> usize) -> Option<String> {
    let (level, rest) = indexed(rest).filter(|(level, _)| *level < levels)?;
    let level = ours(level);
    if let Some(rest) = rest.strip_prefix(way).and_then(|rest| rest.strip_prefix("sample.conv.")) {
        return Some(format!("{way}_blocks.{level}.{way}samplers.0.conv.{rest}"));
    }
    let (block, rest) = indexed(rest.strip_prefix("block.")?)?;
    Some(format!("{way}_blocks.{level}.resnets.{block}.{}", resnet(rest)))
}

/// Renames the one layer of a residual block that has another name here.
fn resnet(rest: &str) -> String {
    rest.replacen("nin_shortcut.", "conv_shortcut.", 1)
}
