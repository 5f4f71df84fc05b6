//! Config of a text encoder.

use serde::Deserialize;
use serde_json::Value;

use super::parse::{invalid, parse};
use crate::error::{Message, Result, messages};
use crate::model::layers::Activation;

/// `text_encoder/config.json` (transformers `CLIPTextConfig`).
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct ClipTextConfig {
    /// Number of tokens.
    pub vocab_size: usize,
    /// Width of the hidden states.
    pub hidden_size: usize,
    /// Width inside the MLPs.
    pub intermediate_size: usize,
    /// Number of layers.
    pub num_hidden_layers: usize,
    /// Number of attention heads.
    pub num_attention_heads: usize,
    /// Maximum length of a prompt in tokens.
    pub max_position_embeddings: usize,
    /// The MLPs' non-linearity.
    pub hidden_act: Activation,
    /// ε of the layer norms.
    pub layer_norm_eps: f64,
    /// Width of the projected prompt, if the network has a projection.
    pub projection_dim: usize,
    /// Class that it was saved from.
    architectures: Vec<String>,
    /// End-of-text token; 2 marks the legacy rule (see `ClipTextModel`).
    pub eos_token_id: i64,
}

impl ClipTextConfig {
    /// Reads and checks a text encoder's config; `path` is for messages.
    pub fn from_json(json: &[u8], path: &str) -> Result<Self> {
        let config: Self = match nested(json) {
            Some(nested) => parse(&nested, path, &[])?,
            None => parse(json, path, &[])?,
        };
        config.check().map_err(|reason| invalid(path, reason))?;
        Ok(config)
    }

    /// Returns whether it is a `CLIPTextModelWithProjection`.
    pub fn has_projection(&self) -> bool {
        self.architectures.iter().any(|class| class == "CLIPTextModelWithProjection")
    }

    /// Sets the class, which a pipeline loads whatever `architectures` says.
    pub fn set_class(&mut self, class: &str) {
        self.architectures = vec![class.to_string()];
    }

    fn check(&self) -> Result<(), Message> {
        let sizes = [
            ("vocab_size", self.vocab_size),
            ("hidden_size", self.hidden_size),
            ("intermediate_size", self.intermediate_size),
            ("num_hidden_layers", self.num_hidden_layers),
            ("num_attention_heads", self.num_attention_heads),
            ("max_position_embeddings", self.max_position_embeddings),
            ("projection_dim", self.projection_dim),
        ];
        if let Some((field, size)) = sizes.into_iter().find(|(_, n)| !(1..=1 << 20).contains(n)) {
            return Err(messages::field_is(field, size));
        }
        // Every layer is allocated before a weight is read.
        if self.num_hidden_layers > MOST_LAYERS {
            return Err(messages::field_is("num_hidden_layers", self.num_hidden_layers));
        }
        if !self.hidden_size.is_multiple_of(self.num_attention_heads) {
            return Err(messages::hidden_size_split(self.hidden_size, self.num_attention_heads));
        }
        Ok(())
    }
}

/// Returns the text encoder's part of a whole CLIP's config, as transformers takes it.
fn nested(json: &[u8]) -> Option<Vec<u8>> {
    let config: Value = serde_json::from_slice(json).ok()?;
    let text = config.get("text_config").filter(|text| text.is_object())?;
    (config.get("model_type")? == "clip").then(|| text.to_string().into_bytes())
}

/// Maximum number of layers; the deepest published text encoder has 32.
const MOST_LAYERS: usize = 128;

impl Default for ClipTextConfig {
    fn default() -> Self {
        ClipTextConfig {
            vocab_size: 49408,
            hidden_size: 512,
            intermediate_size: 2048,
            num_hidden_layers: 12,
            num_attention_heads: 8,
            max_position_embeddings: 77,
            hidden_act: Activation::QuickGelu,
            layer_norm_eps: 1e-5,
            projection_dim: 512,
            architectures: Vec::new(),
            eos_token_id: 49407,
        }
    }
}
