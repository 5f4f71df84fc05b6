//! Network of any kind.

use burn::module::Module;
use burn::tensor::Device;

use super::clip_text::ClipTextModel;
use super::config::NetworkConfig;
use super::unet_2d_condition::UNet2DConditionModel;
use super::vae::Vae;
use crate::error::{Error, Message, Result};

/// A network of any kind. Its parameters have the same paths as in the network itself.
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant)] // There are a few of them.
pub enum Network {
    /// Text encoder.
    ClipText(ClipTextModel),
    /// UNet.
    UNet2DCondition(UNet2DConditionModel),
    /// Autoencoder.
    Vae(Vae),
}

impl Network {
    /// Returns the network that `config` describes, without weights.
    pub fn new(config: &NetworkConfig, device: &Device) -> Self {
        match config {
            NetworkConfig::ClipText(config) => {
                Network::ClipText(ClipTextModel::new(config, device))
            }
            NetworkConfig::UNet2DCondition(config) => {
                Network::UNet2DCondition(UNet2DConditionModel::new(config, device))
            }
            NetworkConfig::Vae(config) => Network::Vae(Vae::new(config, device)),
        }
    }

    /// Returns the text encoder.
    ///
    /// # Errors
    /// [`Error::Internal`] if it is another network; the same for the next two.
    pub fn clip_text(&self) -> Result<&ClipTextModel> {
        match self {
            Network::ClipText(encoder) => Ok(encoder),
            other => Err(other.is_no("text encoder")),
        }
    }

    /// Returns the UNet.
    pub fn unet(&self) -> Result<&UNet2DConditionModel> {
        match self {
            Network::UNet2DCondition(unet) => Ok(unet),
            other => Err(other.is_no("UNet")),
        }
    }

    /// Returns the autoencoder.
    pub fn vae(&self) -> Result<&Vae> {
        match self {
            Network::Vae(vae) => Ok(vae),
            other => Err(other.is_no("autoencoder")),
        }
    }

    fn is_no(&self, wanted: &str) -> Error {
        let found = match self {
            Network::ClipText(_) => "a text encoder",
            Network::UNet2DCondition(_) => "a UNet",
            Network::Vae(_) => "an autoencoder",
        };
        let reason = format!("{found} was given in place of the {wanted}");
        Error::Internal { reason: Message::verbatim(reason) }
    }
}
