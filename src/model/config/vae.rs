//! Config of an autoencoder of either kind.

use serde_json::Value;

use super::autoencoder_kl::AutoencoderKlConfig;
use super::autoencoder_tiny::AutoencoderTinyConfig;
use super::parse::invalid;
use crate::error::{self, Error, Result, messages};

/// Config and kind of an autoencoder.
#[derive(Debug, Clone)]
pub enum VaeConfig {
    /// `AutoencoderKL`
    Kl(AutoencoderKlConfig),
    /// `AutoencoderTiny`
    Tiny(AutoencoderTinyConfig),
}

impl VaeConfig {
    /// Path inside a checkpoint.
    pub const PATH: &str = "vae/config.json";

    /// Reads and checks a config; `path` is for messages. Without a `_class_name` it is an
    /// `AutoencoderKL`'s.
    pub fn from_json(json: &[u8], path: &str) -> Result<Self> {
        let value: Value = error::json::object(json).map_err(|reason| invalid(path, reason))?;
        match value.get("_class_name").and_then(Value::as_str) {
            None | Some("AutoencoderKL") => {
                AutoencoderKlConfig::from_json(json, path).map(Self::Kl)
            }
            Some("AutoencoderTiny") => AutoencoderTinyConfig::from_json(json, path).map(Self::Tiny),
            Some(other) => Err(Error::Unsupported {
                path: path.to_string(),
                what: messages::autoencoder_kind(other),
                remedy: messages::autoencoders_that_work(),
            }),
        }
    }

    /// Returns the diffusers class.
    pub fn class_name(&self) -> &'static str {
        match self {
            VaeConfig::Kl(_) => "AutoencoderKL",
            VaeConfig::Tiny(_) => "AutoencoderTiny",
        }
    }

    /// Channels of the latents.
    pub fn latent_channels(&self) -> usize {
        match self {
            VaeConfig::Kl(config) => config.latent_channels,
            VaeConfig::Tiny(config) => config.latent_channels,
        }
    }

    /// Returns the pixels per latent along each side.
    pub fn scale_factor(&self) -> usize {
        match self {
            VaeConfig::Kl(config) => config.scale_factor(),
            VaeConfig::Tiny(config) => config.scale_factor(),
        }
    }

    /// Returns the scaling factor: latents times this are the UNet's.
    pub fn scaling_factor(&self) -> f64 {
        match self {
            VaeConfig::Kl(config) => config.scaling_factor,
            VaeConfig::Tiny(config) => config.scaling_factor,
        }
    }
}
