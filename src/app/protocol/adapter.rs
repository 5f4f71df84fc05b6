//! Adapters: LoRA and its kin.

use serde::{Deserialize, Serialize};

use crate::error::Message;
use crate::params::PartialParams;

/// Description of an adapter or a textual inversion that is open for the loaded model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AdapterCard {
    /// Name of its file without the ending: its name in requests and prompts.
    pub name: String,
    /// Its location: an absolute address, or the name of the picked file.
    pub place: String,
    /// Title that its trainer gave.
    #[cfg_attr(test, ts(optional))]
    pub title: Option<String>,
    /// Whether it is a textual inversion: it has no weights, and acts where a prompt names it.
    #[serde(default)]
    pub is_embedding: bool,
    /// Kind and ranks.
    #[cfg_attr(test, ts(type = "Message"))]
    pub description: Message,
    /// What of the file is not applied; absent if everything is.
    #[cfg_attr(test, ts(optional, type = "Message"))]
    pub left_out: Option<Message>,
    /// Words that call it up, most frequent first; of a textual inversion its name.
    pub trigger_words: Vec<String>,
    /// Whether it changes the text encoders.
    pub has_text_encoder: bool,
    /// Bytes.
    pub bytes: u64,
    /// Settings for few steps, if it was distilled for them.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub suggestion: Option<FastSettings>,
}

/// Settings of an adapter that makes pictures in few steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FastSettings {
    /// Name of the method: LCM, Hyper-SD and others.
    pub method: String,
    /// The parameters that it needs.
    #[cfg_attr(test, ts(type = "Partial<GenerationParams>"))]
    pub params: PartialParams,
}
