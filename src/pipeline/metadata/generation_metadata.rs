//! Generation metadata of an image.

use super::model::ModelIdentity;
use crate::error::Message;
use crate::params::{AdapterUse, NamedHash, PartialParams};

/// Parameters, model and init image of an image. Anything may be missing in metadata that were
/// read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GenerationMetadata {
    /// Parameters; `strength` and `padding_mask_crop` only with an init image.
    pub params: PartialParams,
    /// Model that made the image.
    pub model: Option<ModelIdentity>,
    /// Autoencoder in place of the model's own.
    pub vae: Option<NamedHash>,
    /// Init image; `None` for text to image.
    pub init_image: Option<InitImageMetadata>,
    /// Adapters in effect, beside those that the prompt names.
    pub adapters: Vec<AdapterUse>,
    /// Hashes of the files of all adapters in effect, as far as they are known.
    pub adapter_hashes: Vec<NamedHash>,
    /// Textual inversions that the prompts name.
    pub embeddings: Vec<NamedHash>,
    /// Layers of the text encoders to skip if the model is an SDXL one, for which other programs count
    /// them otherwise; `None`: as for other models.
    pub sdxl_clip_skip: Option<usize>,
    /// Settings that change the image, but could not be parsed or are not implemented:
    /// `Sampler: HeunPP2`.
    pub unsupported: Vec<Message>,
}

impl GenerationMetadata {
    /// Returns them for a model of the SDXL family or another one.
    pub fn for_model(mut self, is_sdxl: bool) -> Self {
        if let Some(layers) = self.sdxl_clip_skip.filter(|_| is_sdxl) {
            (self.params.clip_skip, self.params.clip_skip_negative) = (Some(layers), Some(layers));
        }
        self
    }
}

/// Hashes of an init image, whose pixels are not in the metadata.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InitImageMetadata {
    /// SHA-256 of its pixels `[h, w, 3]`, in hex.
    pub image_sha256: Option<String>,
    /// SHA-256 of the mask `[h, w]`, in hex; `None` without one.
    pub mask_sha256: Option<String>,
}
