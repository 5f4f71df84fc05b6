//! What is kept of a picture beside its file.

use serde::{Deserialize, Serialize};

use crate::app::protocol::{GenerateRequest, ModelName, Scores};

/// A picture of this or an earlier visit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name in the store. In the order of keys pictures are in the order of time.
    pub key: String,
    /// The settings that made it. In the store, the picture it was made from is with the file.
    pub request: GenerateRequest,
    /// Whether it was made from a picture.
    pub from_picture: bool,
    /// What made it.
    pub made_by: Maker,
    /// How long it took.
    pub seconds: f64,
    /// How near it is to the picture that it completes, if it completes one.
    #[serde(default)]
    pub scores: Option<Scores>,
    /// Bytes of everything that is kept of it.
    pub bytes: f64,
}

/// What made a picture, for people.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Maker {
    /// The model.
    pub model: ModelName,
    /// The scheduler.
    pub scheduler: String,
    /// The device.
    pub device: String,
}

impl Entry {
    /// A picture that was just made, of so many bytes.
    pub fn new(request: GenerateRequest, made_by: Maker, seconds: f64, bytes: f64) -> Self {
        let start = request.start.as_ref();
        let start_bytes = start.map_or(0, |start| {
            start.image.rgba.len() + start.mask.as_ref().map_or(0, |mask| mask.len())
        });
        Entry {
            key: Self::key_at(js_sys::Date::now(), js_sys::Math::random()),
            from_picture: start.is_some(),
            request,
            made_by,
            seconds,
            scores: None,
            bytes: bytes + start_bytes as f64,
        }
    }

    /// A key for a picture made at `now`, milliseconds since 1970. `chance`, 0 to 1, tells two tabs apart.
    pub fn key_at(now: f64, chance: f64) -> String {
        format!("{:014}-{:08x}", now as u64, (chance * f64::from(u32::MAX)) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::Entry;

    #[test]
    fn keys_are_in_the_order_of_time() {
        let keys = [(9.0, 0.9), (10.0, 0.1), (10.0, 0.2), (1_790_000_000_000.0, 0.0)]
            .map(|(now, chance)| Entry::key_at(now, chance));
        assert!(keys.is_sorted());
        assert_eq!(keys[3], "01790000000000-00000000");
    }
}
