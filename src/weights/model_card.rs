//! Model card, `hearth.json`: name, default settings and preview colours of a checkpoint.
//!
//! All of it is optional.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{self, Error, Result};

/// `hearth.json`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelCard {
    /// Display name.
    pub name: String,
    /// An example prompt.
    pub default_prompt: String,
    /// Default number of steps; `None` for that of models of its kind.
    pub num_inference_steps: Option<usize>,
    /// Default guidance scale; `None` for that of models of its kind.
    pub guidance_scale: Option<f64>,
    /// Native image width in pixels; 0 for that of the UNet's config.
    pub width: usize,
    /// Native image height in pixels; 0 for that of the UNet's config.
    pub height: usize,
    /// A linear map from latents to RGB in −1..1 `[4][3]`, for previews.
    pub latent_rgb_factors: Vec<[f32; 3]>,
    /// Added to the mapped latents `[3]`.
    pub latent_rgb_bias: [f32; 3],
    /// An adapter that comes with the model and is in effect unless the user switches it off.
    pub adapter: Option<CardAdapter>,
    /// SHA-256 of the weight files by their paths. A file that is named here exists.
    pub sha256: BTreeMap<String, String>,
}

/// Adapter that comes with a model, and the parameters that it was made for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CardAdapter {
    /// Path of its file inside the checkpoint.
    pub file: String,
    /// Default parameters with it, by name, in place of those of the model.
    #[serde(flatten)]
    pub params: serde_json::Map<String, serde_json::Value>,
}

impl ModelCard {
    /// Path inside the checkpoint.
    pub const PATH: &str = "hearth.json";

    /// Returns the model's display name, or `otherwise` if it has none.
    pub fn name_or(&self, otherwise: &str) -> String {
        let name = if self.name.is_empty() { otherwise } else { &self.name };
        name.to_string()
    }

    /// Parses `hearth.json`; without one, everything has its default.
    pub fn from_json(json: Option<&[u8]>) -> Result<Self> {
        let Some(json) = json else { return Ok(ModelCard::default()) };
        error::json::object(json)
            .map_err(|reason| Error::InvalidConfig { path: Self::PATH.to_string(), reason })
    }
}
