//! Kinds of networks, and the config of any of them.

use super::clip_text::ClipTextConfig;
use super::unet_2d_condition::UNet2DConditionConfig;
use super::vae::VaeConfig;
use crate::error::{Message, Result, messages};

/// Kind of a network: its class in diffusers or transformers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NetworkKind {
    /// `CLIPTextModel`, `CLIPTextModelWithProjection`
    ClipText,
    /// `UNet2DConditionModel`
    UNet2DCondition,
    /// `AutoencoderKL`, `AutoencoderTiny`
    Vae,
}

impl NetworkKind {
    /// Returns the stem of its file names: `model.safetensors`, `model.fp16.safetensors`, …
    pub fn file_stem(self) -> &'static str {
        match self {
            NetworkKind::ClipText => "model",
            NetworkKind::UNet2DCondition | NetworkKind::Vae => "diffusion_pytorch_model",
        }
    }
}

/// Config of a network of any kind.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant)] // There are a few of them.
pub enum NetworkConfig {
    /// Of [`NetworkKind::ClipText`].
    ClipText(ClipTextConfig),
    /// Of [`NetworkKind::UNet2DCondition`].
    UNet2DCondition(UNet2DConditionConfig),
    /// Of [`NetworkKind::Vae`].
    Vae(VaeConfig),
}

impl NetworkConfig {
    /// Reads and checks the `config.json` of a network; `path` is for messages.
    pub fn from_json(kind: NetworkKind, json: &[u8], path: &str) -> Result<Self> {
        Ok(match kind {
            NetworkKind::ClipText => {
                NetworkConfig::ClipText(ClipTextConfig::from_json(json, path)?)
            }
            NetworkKind::UNet2DCondition => {
                NetworkConfig::UNet2DCondition(UNet2DConditionConfig::from_json(json)?)
            }
            NetworkKind::Vae => NetworkConfig::Vae(VaeConfig::from_json(json, path)?),
        })
    }

    /// Returns a line about its size: layers or channels.
    pub fn summary(&self) -> Message {
        match self {
            NetworkConfig::ClipText(config) => {
                messages::clip_layers(config.num_hidden_layers, config.hidden_size)
            }
            NetworkConfig::UNet2DCondition(config) => {
                let channels: Vec<String> =
                    config.block_out_channels.iter().map(usize::to_string).collect();
                messages::unet_channels(channels.join(", "))
            }
            NetworkConfig::Vae(config) => messages::vae_channels(
                config.class_name(),
                config.latent_channels(),
                config.scale_factor(),
            ),
        }
    }
}
