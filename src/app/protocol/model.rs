//! Which model is meant, and what is known of it before it is loaded.

use serde::{Deserialize, Serialize};

use super::recipe::ModelName;
use super::said::Fault;
use crate::error::Message;
use crate::params::GenerationParams;

/// A model that was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Choice {
    /// Where it is.
    pub place: Place,
    /// What else was asked for.
    pub options: ModelOptions,
}

/// Where a model is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
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
#[cfg_attr(test, derive(ts_rs::TS))]
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
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Card {
    /// Its name.
    pub name: String,
    /// What it is, as terms and values.
    #[cfg_attr(test, ts(type = "[Message, Message][]"))]
    pub rows: Vec<(Message, Message)>,
    /// What is missing or odd.
    pub problems: Vec<Fault>,
    /// What it takes; absent if it cannot be used at all.
    #[cfg_attr(test, ts(optional))]
    pub plan: Option<Plan>,
}

/// What it takes to use a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Plan {
    /// Where its weights come from.
    pub origin: Origin,
    /// Bytes of all weights, as they lie in their files.
    pub weights: u64,
    /// Bytes that are yet to be downloaded.
    pub download: u64,
    /// Bytes that the browser still has room for, if it says so.
    #[cfg_attr(test, ts(optional))]
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
#[cfg_attr(test, derive(ts_rs::TS))]
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

/// A loaded model, as the form needs it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ModelSheet {
    /// Its name.
    pub name: String,
    /// Where it is: an absolute address, or the name of what was picked.
    pub place: String,
    /// What tells it from other models.
    pub identity: ModelName,
    /// What a picture is made with where nothing is said: its example, its usual settings, its own size.
    #[cfg_attr(test, ts(type = "Partial<GenerationParams>"))]
    pub defaults: GenerationParams,
    /// All schedulers: terminal name and a name for people.
    pub schedulers: Vec<(String, String)>,
}

/// What a loaded model takes, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Memory {
    /// Of WebAssembly; it never shrinks, so this was the most while loading.
    pub heap: u64,
    /// Of the GPU, with what its pools hold in reserve; absent on the CPU.
    #[cfg_attr(test, ts(optional))]
    pub gpu: Option<u64>,
    /// The weights in the device's number format.
    pub weights: u64,
}
