//! What a checkpoint says about its own use, in `hearth.json`: a name, a prompt it does well, its
//! usual settings, and how its latents look as colours. All of it is optional.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Message, Result};

/// `hearth.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sheet {
    /// For people.
    pub name: String,
    /// A prompt the model does well.
    pub default_prompt: String,
    /// Its usual number of steps.
    pub num_inference_steps: usize,
    /// Its usual guidance.
    pub guidance_scale: f64,
    /// Its own picture size in pixels; 0 for what the UNet's config says.
    pub width: usize,
    /// Its own picture size in pixels; 0 for what the UNet's config says.
    pub height: usize,
    /// A linear map from latents to RGB in −1..1 `[4][3]`, for previews.
    pub latent_rgb_factors: Vec<[f32; 3]>,
    /// What is added to it.
    pub latent_rgb_bias: [f32; 3],
    /// SHA-256 of the weight files by their paths. A file that is named here is there.
    pub sha256: BTreeMap<String, String>,
}

impl Default for Sheet {
    fn default() -> Self {
        Sheet {
            name: String::new(),
            default_prompt: String::new(),
            num_inference_steps: 20,
            guidance_scale: 7.5,
            width: 0,
            height: 0,
            latent_rgb_factors: Vec::new(),
            latent_rgb_bias: [0.0; 3],
            sha256: BTreeMap::new(),
        }
    }
}

impl Sheet {
    /// Path inside a checkpoint.
    pub const PATH: &str = "hearth.json";

    /// Reads `hearth.json`; without one, everything is at its default.
    pub fn from_json(json: Option<&[u8]>) -> Result<Self> {
        let Some(json) = json else { return Ok(Sheet::default()) };
        serde_json::from_slice(json).map_err(|e| Error::InvalidConfig {
            path: Self::PATH.to_string(),
            reason: Message::verbatim(e),
        })
    }
}
