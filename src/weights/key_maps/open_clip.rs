//! Keys of open_clip's text encoder, in single files of SD 2.x and SDXL. Forge saves them with
//! transformers' keys.

use super::diffusers;
use super::index::{indexed, renamed};
use super::target::{Part, Target};
use crate::model::NetworkKind;

const TOP: [(&str, &str); 2] = [
    ("token_embedding.", "text_model.embeddings.token_embedding."),
    ("ln_final.", "text_model.final_layer_norm."),
];

const LAYER: [(&str, &str); 5] = [
    ("ln_1.", "layer_norm1."),
    ("ln_2.", "layer_norm2."),
    ("attn.out_proj.", "self_attn.out_proj."),
    ("mlp.c_fc.", "mlp.fc1."),
    ("mlp.c_proj.", "mlp.fc2."),
];

/// Queries, keys and values have one matrix there and one each here.
const IN_PROJ: [(&str, &str); 2] =
    [("attn.in_proj_weight", "weight"), ("attn.in_proj_bias", "bias")];

/// Returns the parameters of a key in an encoder of so many layers, with or without a projection.
///
/// SD 2.x was trained on the layer before the last. In diffusers its encoder has one layer less
/// than the file and no projection, so the last layer is unused, as is `logit_scale`, which only
/// training needs.
pub(super) fn targets(layers: usize, projection: bool, key: &str) -> Vec<Target> {
    match key {
        "positional_embedding" => {
            vec![Target::whole("text_model.embeddings.position_embedding.weight")]
        }
        // A parameter there, x·P; a linear layer here, x·Wᵀ. diffusers' script for the opposite
        // direction (`convert_diffusers_to_original_sdxl.py`) writes a linear layer.
        "text_projection" if projection => {
            vec![Target { path: "text_projection.weight".to_string(), part: Part::Transposed }]
        }
        "text_projection.weight" if projection => vec![Target::whole(key)],
        _ if key.starts_with("text_model.") => match own_layer(key) {
            Some(index) if index >= layers => Vec::new(),
            _ => {
                diffusers::path(NetworkKind::ClipText, key).map(Target::whole).into_iter().collect()
            }
        },
        _ => match renamed(&TOP, key) {
            Some(path) => vec![Target::whole(path)],
            None => layer(layers, key).unwrap_or_default(),
        },
    }
}

/// Returns the layer of transformers' key.
fn own_layer(key: &str) -> Option<usize> {
    Some(indexed(key.strip_prefix("text_model.encoder.layers.")?)?.0)
}

fn layer(layers: usize, key: &str) -> Option<Vec<Target>> {
    let (index, rest) = indexed(key.strip_prefix("transformer.resblocks.")?)?;
    if index >= layers {
        return None;
    }
    let layer = format!("text_model.encoder.layers.{index}");
    if let Some((_, kind)) = IN_PROJ.iter().find(|(name, _)| *name == rest) {
        let third = |(index, map)| Target {
            path: format!("{layer}.self_attn.{map}_proj.{kind}"),
            part: Part::Rows { index, of: 3 },
        };
        return Some(["q", "k", "v"].into_iter().enumerate().map(third).collect());
    }
    renamed(&LAYER, rest).map(|rest| vec![Target::whole(format!("{layer}.{rest}"))])
}
