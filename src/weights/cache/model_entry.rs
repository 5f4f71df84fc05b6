//! Stored entry of a model.

use serde::{Deserialize, Serialize};

/// A model that was opened here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelEntry {
    /// The address of its folder, which ends in `/`, or of its only file.
    pub place: String,
    /// Display name.
    pub name: String,
    /// The weight files it needs, as paths in the folder.
    pub files: Vec<String>,
    /// Milliseconds since 1970.
    pub last_used: f64,
    /// Whether it is an adapter, no model.
    #[serde(default)]
    pub is_adapter: bool,
    /// Whether it is an autoencoder (VAE), no model.
    #[serde(default)]
    pub is_vae: bool,
}

impl ModelEntry {
    /// Whether a file with this address belongs to a model at `place`.
    pub fn owns(place: &str, url: &str) -> bool {
        if place.ends_with('/') { url.starts_with(place) } else { url == place }
    }

    /// Returns the address of one of its files.
    pub fn url(&self, path: &str) -> String {
        if self.place.ends_with('/') { format!("{}{path}", self.place) } else { self.place.clone() }
    }
}
