//! How a picture was made, as its file tells.

use serde::{Deserialize, Serialize};

use crate::error::Message;
use crate::params::PartialParams;

/// What was found in a picture's file; what it does not tell is absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Recipe {
    /// The values; `strength` and `padding_mask_crop` only of a picture made from a picture.
    #[cfg_attr(test, ts(type = "Partial<GenerationParams>"))]
    pub params: PartialParams,
    /// What drew it.
    #[cfg_attr(test, ts(optional))]
    pub model: Option<ModelName>,
    /// What matters in it and is not understood or not done here.
    #[cfg_attr(test, ts(type = "Message[]"))]
    pub lost: Vec<Message>,
}

/// Which model: what is known to tell it from others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(default)]
pub struct ModelName {
    /// For people.
    pub name: String,
    /// Its address, if it has one for everybody.
    #[cfg_attr(test, ts(optional))]
    pub place: Option<String>,
    /// What its weight files are.
    #[cfg_attr(test, ts(optional))]
    pub fingerprint: Option<String>,
}

impl ModelName {
    /// Whether both are the same model, by the best that both tell.
    pub fn is(&self, other: &ModelName) -> bool {
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
    use super::ModelName;

    fn model(name: &str, place: Option<&str>, fingerprint: Option<&str>) -> ModelName {
        ModelName {
            name: name.to_string(),
            place: place.map(str::to_string),
            fingerprint: fingerprint.map(str::to_string),
        }
    }

    #[test]
    fn models_are_told_apart_by_the_best_that_both_tell() {
        let here = model("Emoji", Some("https://a.example/"), Some("f1"));
        assert!(here.is(&model("Other", Some("https://b.example/"), Some("f1"))));
        assert!(!here.is(&model("Emoji", Some("https://a.example/"), Some("f2"))));
        assert!(here.is(&model("Other", Some("https://a.example/"), None)));
        assert!(!here.is(&model("Emoji", Some("https://b.example/"), None)));
        assert!(here.is(&model("Emoji", None, None)));
        assert!(!here.is(&model("Other", None, None)));
    }
}
