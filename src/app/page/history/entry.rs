//! History entry of an image.

use serde::{Deserialize, Serialize};

use crate::app::protocol::{GenerateRequest, ModelName, Scores};
use crate::params::AdapterUse;

/// An image of this or an earlier visit, without its file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its key. Keys sort by time.
    pub key: String,
    /// Its parameters. The database has the init image with the file.
    pub request: GenerateRequest,
    /// Whether it had an init image.
    pub from_picture: bool,
    /// Model, scheduler and device.
    pub made_by: Provenance,
    /// Duration, seconds.
    pub seconds: f64,
    /// Similarity to the init image, once the user has asked for it.
    #[serde(default)]
    pub scores: Option<Scores>,
    /// Stored bytes in all.
    pub bytes: f64,
}

/// Model, scheduler, device and adapters of an image.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Provenance {
    /// The model.
    pub model: ModelName,
    /// The scheduler.
    pub scheduler: String,
    /// The device.
    pub device: String,
    /// The adapters in effect; `None` for images of earlier releases.
    pub used: Option<UsedAdapters>,
}

/// Adapters and textual inversions of an image: those of its request, and those that its prompts name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct UsedAdapters {
    /// Adapters with their weights.
    pub adapters: Vec<AdapterUse>,
    /// Names of textual inversions.
    pub embeddings: Vec<String>,
}

impl Entry {
    /// Creates the entry of an image that was just generated; `bytes` is the size of its file.
    pub fn new(request: GenerateRequest, made_by: Provenance, seconds: f64, bytes: f64) -> Self {
        let init_image = request.init_image.as_ref();
        let start_bytes = init_image.map_or(0, |init_image| {
            init_image.image.rgba.len() + init_image.mask.as_ref().map_or(0, |mask| mask.len())
        });
        Entry {
            key: Self::key_at(js_sys::Date::now(), js_sys::Math::random()),
            from_picture: init_image.is_some(),
            request,
            made_by,
            seconds,
            scores: None,
            bytes: bytes + start_bytes as f64,
        }
    }

    /// Returns the key of an image generated at `now`, milliseconds since 1970. `chance`, 0 to 1,
    /// distinguishes two tabs.
    pub fn key_at(now: f64, chance: f64) -> String {
        format!("{:014}-{:08x}", now as u64, (chance * f64::from(u32::MAX)) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::Entry;

    #[test]
    fn keys_sort_by_time() {
        let keys = [(9.0, 0.9), (10.0, 0.1), (10.0, 0.2), (1_790_000_000_000.0, 0.0)]
            .map(|(now, chance)| Entry::key_at(now, chance));
        assert!(keys.is_sorted());
        assert_eq!(keys[3], "01790000000000-00000000");
    }
}
