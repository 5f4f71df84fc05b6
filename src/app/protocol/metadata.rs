//! Generation metadata of an image file.

use serde::{Deserialize, Serialize};

use crate::error::Message;
use crate::params::{AdapterUse, PartialParams};

/// Metadata of an image file; values that the file lacks are absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ImageMetadata {
    /// The parameters; `strength` and `padding_mask_crop` only if there was an init image.
    #[cfg_attr(test, ts(type = "Partial<GenerationParams>"))]
    pub params: PartialParams,
    /// The model.
    #[cfg_attr(test, ts(optional))]
    pub model: Option<ModelName>,
    /// The adapters in effect, beside those that the prompt names.
    #[serde(default)]
    pub adapters: Vec<AdapterUse>,
    /// The textual inversions that its prompts name.
    #[serde(default)]
    pub embeddings: Vec<String>,
    /// Settings in the file that Hearth does not support.
    #[cfg_attr(test, ts(type = "Message[]"))]
    pub lost: Vec<Message>,
}

/// Identity of a model, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(default)]
pub struct ModelName {
    /// Display name.
    pub name: String,
    /// Its address, if it is public.
    #[cfg_attr(test, ts(optional))]
    pub place: Option<String>,
    /// Fingerprint of its weight files.
    #[cfg_attr(test, ts(optional))]
    pub fingerprint: Option<String>,
    /// The autoencoder in place of its own.
    #[cfg_attr(test, ts(optional))]
    pub vae: Option<VaeName>,
}

/// Identity of an autoencoder (VAE), as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(default)]
pub struct VaeName {
    /// Name of its file, folder or repository.
    pub name: String,
    /// The first 10 digits of its file's SHA-256, in hex.
    #[cfg_attr(test, ts(optional))]
    pub hash: Option<String>,
}

impl VaeName {
    /// Returns whether both are the same autoencoder: by their hashes, or by the names of their files without
    /// folder and ending.
    pub fn is_same(&self, other: &VaeName) -> bool {
        let stem = |name: &str| {
            let file = name.rsplit(['/', '\\']).next().unwrap_or(name).to_lowercase();
            let endings = [".safetensors", ".ckpt", ".pt"];
            let stem = endings.iter().find_map(|ending| file.strip_suffix(ending));
            stem.map_or(file.clone(), str::to_string)
        };
        match (&self.hash, &other.hash) {
            (Some(one), Some(another)) => one == another,
            _ => stem(&self.name) == stem(&other.name),
        }
    }
}

impl ModelName {
    /// Returns whether both are the same model, whatever its autoencoder, compared by the most precise
    /// attribute that both have.
    pub fn is_same(&self, other: &ModelName) -> bool {
        match (&self.fingerprint, &other.fingerprint) {
            (Some(one), Some(another)) => one == another,
            _ => match (&self.place, &other.place) {
                (Some(one), Some(another)) => one == another,
                _ => self.name == other.name,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ModelName, VaeName};

    fn model(name: &str, place: Option<&str>, fingerprint: Option<&str>) -> ModelName {
        ModelName {
            name: name.to_string(),
            place: place.map(str::to_string),
            fingerprint: fingerprint.map(str::to_string),
            vae: None,
        }
    }

    #[test]
    fn autoencoders_are_compared_by_hash_or_else_by_name() {
        let vae = |name: &str, hash: Option<&str>| VaeName {
            name: name.to_string(),
            hash: hash.map(str::to_string),
        };
        let here = vae("stabilityai/sd-vae-ft-mse", None);
        assert!(here.is_same(&vae("sd-vae-ft-mse", Some("0123456789"))));
        assert!(here.is_same(&vae("vae\\SD-VAE-ft-MSE.ckpt", None)));
        assert!(!here.is_same(&vae("sd-vae-ft-ema", None)));
        let here = vae("a.safetensors", Some("0123456789"));
        assert!(here.is_same(&vae("b.safetensors", Some("0123456789"))));
        assert!(!here.is_same(&vae("a.safetensors", Some("9876543210"))));
    }

    #[test]
    fn models_are_compared_by_most_precise_common_attribute() {
        let here = model("Emoji", Some("https://a.example/"), Some("f1"));
        assert!(here.is_same(&model("Other", Some("https://b.example/"), Some("f1"))));
        assert!(!here.is_same(&model("Emoji", Some("https://a.example/"), Some("f2"))));
        assert!(here.is_same(&model("Other", Some("https://a.example/"), None)));
        assert!(!here.is_same(&model("Emoji", Some("https://b.example/"), None)));
        assert!(here.is_same(&model("Emoji", None, None)));
        assert!(!here.is_same(&model("Other", None, None)));
    }
}
