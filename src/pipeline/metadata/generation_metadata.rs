//! Generation metadata of an image.

use super::model::ModelIdentity;
use super::vae::VaeIdentity;
use crate::error::Message;
use crate::params::{AdapterUse, PartialParams};

/// Parameters, model and init image of an image. Anything may be missing in metadata that were
/// read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GenerationMetadata {
    /// Parameters; `strength` and `padding_mask_crop` only with an init image.
    pub params: PartialParams,
    /// Model that made the image.
    pub model: Option<ModelIdentity>,
    /// Autoencoder in place of the model's own.
    pub vae: Option<VaeIdentity>,
    /// Init image; `None` for text to image.
    pub init_image: Option<InitImageMetadata>,
    /// Adapters in effect, beside those that the prompt names.
    pub adapters: Vec<AdapterUse>,
    /// Settings that change the image, but could not be parsed or are not implemented:
    /// `Sampler: HeunPP2`.
    pub unsupported: Vec<Message>,
}

/// Hashes of an init image, whose pixels are not in the metadata.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InitImageMetadata {
    /// SHA-256 of its pixels `[h, w, 3]`, in hex.
    pub image_sha256: Option<String>,
    /// SHA-256 of the mask `[h, w]`, in hex; `None` without one.
    pub mask_sha256: Option<String>,
}
