//! Keys in diffusers layout that are not our modules' paths.

use crate::model::NetworkKind;

/// What to do with a key.
enum Rule {
    /// Ignore it: a buffer without information.
    Ignore { key: &'static str },
    /// Ignore all keys that begin so: other parts of a whole CLIP.
    IgnoreAll { begin: &'static str },
    /// Replace a part of it.
    Rename { within: &'static str, from: &'static str, to: &'static str },
    /// Add a prefix if it begins so.
    Prefix { begin: &'static str, prefix: &'static str },
}

fn rules(kind: NetworkKind) -> &'static [Rule] {
    use Rule::{Ignore, IgnoreAll, Prefix, Rename};
    match kind {
        NetworkKind::UNet2DCondition => &[],
        // Autoencoders saved before diffusers 0.18 (SD 1.x on the Hub) have other names for the
        // layers of their one attention.
        NetworkKind::Vae => &[
            Rename { within: "mid_block.attentions.", from: ".query.", to: ".to_q." },
            Rename { within: "mid_block.attentions.", from: ".key.", to: ".to_k." },
            Rename { within: "mid_block.attentions.", from: ".value.", to: ".to_v." },
            Rename { within: "mid_block.attentions.", from: ".proj_attn.", to: ".to_out.0." },
        ],
        // `position_ids` is 0, 1, 2, …; transformers before 4.31 saved it. Transformers 5 saves
        // `CLIPTextModel` without the outer prefix; `text_projection` never had one.
        NetworkKind::ClipText => &[
            Ignore { key: "text_model.embeddings.position_ids" },
            Ignore { key: "embeddings.position_ids" },
            Ignore { key: "logit_scale" },
            IgnoreAll { begin: "vision_model." },
            IgnoreAll { begin: "visual_projection." },
            Prefix { begin: "embeddings.", prefix: "text_model." },
            Prefix { begin: "encoder.", prefix: "text_model." },
            Prefix { begin: "final_layer_norm.", prefix: "text_model." },
        ],
    }
}

/// Returns the module path of a key; `None` if the tensor is unused.
pub(super) fn path(kind: NetworkKind, key: &str) -> Option<String> {
    let mut path = key.to_string();
    for rule in rules(kind) {
        match rule {
            Rule::Ignore { key } if path == *key => return None,
            Rule::IgnoreAll { begin } if path.starts_with(begin) => return None,
            Rule::Rename { within, from, to } if path.contains(within) => {
                path = path.replacen(from, to, 1);
            }
            Rule::Prefix { begin, prefix } if path.starts_with(begin) => {
                path.insert_str(0, prefix);
            }
            _ => {}
        }
    }
    Some(path)
}
