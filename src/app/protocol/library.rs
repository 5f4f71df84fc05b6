//! Models in the browser's storage.

use serde::{Deserialize, Serialize};

use super::status::ErrorReport;

/// All stored models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Library {
    /// The models, most recently used first.
    pub models: Vec<StoredModel>,
    /// Bytes that are still free for this site.
    #[cfg_attr(test, ts(optional))]
    pub room: Option<u64>,
    /// The reason why the browser stores nothing, if so.
    #[cfg_attr(test, ts(optional))]
    pub refused: Option<ErrorReport>,
}

/// A completely or partly stored model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct StoredModel {
    /// Its address.
    pub place: String,
    /// Display name.
    pub name: String,
    /// Stored bytes.
    pub bytes: u64,
    /// Whether all files are stored.
    pub complete: bool,
    /// Time of the last use, milliseconds since 1970; 0 if unknown.
    pub last_used: f64,
    /// Whether it is an adapter (LoRA and its kin), no model.
    pub is_adapter: bool,
    /// Whether it is an autoencoder (VAE), no model.
    pub is_vae: bool,
}
