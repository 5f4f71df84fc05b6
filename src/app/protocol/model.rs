//! Which model is meant, and what is known of it before it is loaded.

use serde::{Deserialize, Serialize};

use super::said::Fault;
use crate::error::Message;

/// A model that was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Where it is.
    pub place: Place,
    /// What else was asked for.
    pub options: ModelOptions,
}

/// Where a model is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Place {
    /// Behind an address or in a repository of the Hub.
    Address {
        /// As it was typed.
        text: String,
        /// What a relative address is relative to.
        base: String,
    },
    /// In the files that travel beside the message.
    Picked {
        /// The folder's or file's name.
        name: String,
    },
}

/// Wishes that a model's own files leave open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelOptions {
    /// What the UNet predicts, `epsilon` or `v_prediction`, for files that do not say; empty for
    /// automatic.
    pub prediction_type: String,
    /// Where weights are there in f32 and f16, take f32.
    pub full_precision: bool,
    /// Load each part only when it is needed, also where all would fit.
    pub low_memory: bool,
    /// Address of a tiny autoencoder for previews; empty for none.
    pub preview: String,
    /// Address of CLIP's `merges.txt`, which single files lack; empty: it lies beside the page.
    #[serde(default)]
    pub merges: String,
}

/// What a model is, and what it takes to use it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// Its name.
    pub name: String,
    /// What it is, as terms and values.
    pub rows: Vec<(Message, Message)>,
    /// What is missing or odd.
    pub problems: Vec<Fault>,
    /// What it takes; absent if it cannot be used at all.
    pub plan: Option<Plan>,
}

/// What it takes to use a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Where its weights come from.
    pub origin: Origin,
    /// Bytes of all weights, as they lie in their files.
    pub weights: u64,
    /// Bytes that are yet to be downloaded.
    pub download: u64,
    /// Bytes that the browser still has room for, if it says so.
    pub room: Option<u64>,
    /// The picture's size that the rest is about, pixels.
    pub size: [u32; 2],
    /// Memory of the device, bytes, an estimate.
    pub memory: u64,
    /// Each part is loaded when its turn comes.
    pub in_turn: bool,
    /// Why this device cannot do it, and what would help. Empty: it can.
    pub obstacles: Vec<Fault>,
}

/// Where weights come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// From a server.
    Network,
    /// From this browser's own store.
    Browser,
    /// From another tab, which downloads the same.
    Tab,
    /// From files that the user picked.
    Disk,
}
