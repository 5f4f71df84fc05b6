//! Adapters (LoRA) of a picture.

use serde::{Deserialize, Serialize};

/// An adapter with its weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AdapterUse {
    /// Its name: that of its file without the ending.
    pub name: String,
    /// Weight of its change of the UNet.
    pub unet: f64,
    /// Weight of its change of the text encoders.
    pub text_encoder: f64,
}

impl AdapterUse {
    /// Returns the use of an adapter at weight 1.
    pub fn whole(name: String) -> Self {
        AdapterUse { name, unet: 1.0, text_encoder: 1.0 }
    }

    /// Returns the tag that stands for it in the prompts of AUTOMATIC1111's web UI.
    pub fn tag(&self) -> String {
        let AdapterUse { name, unet, text_encoder } = self;
        match unet == text_encoder {
            true => format!("<lora:{name}:{unet}>"),
            false => format!("<lora:{name}:{text_encoder}:{unet}>"),
        }
    }
}

/// A file by its name and its hash, as AUTOMATIC1111 writes them: `Lora hashes: "name: 0123456789ab"`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NamedHash {
    /// Name in prompts, or of an autoencoder.
    pub name: String,
    /// First 12 hex digits of a SHA-256: of the whole file of a textual inversion, of the tensors of a
    /// LoRA; the first 10 of an autoencoder's file. `None` if it is not known.
    pub hash: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::AdapterUse;

    #[test]
    fn tag_has_the_text_encoders_weight_first() {
        let tag =
            |unet, text_encoder| AdapterUse { name: "a".to_string(), unet, text_encoder }.tag();
        assert_eq!(tag(0.8, 0.8), "<lora:a:0.8>");
        assert_eq!(tag(1.0, 0.5), "<lora:a:0.5:1>");
    }
}
