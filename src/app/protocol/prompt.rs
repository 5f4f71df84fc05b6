//! What the loaded model reads in a prompt.

use serde::{Deserialize, Serialize};

/// What the loaded model reads in a prompt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PromptSummary {
    /// Parts, which AND separates.
    pub parts: Vec<PromptPart>,
    /// Networks that it names, as they stand there: `lora:name`.
    pub networks: Vec<String>,
    /// Names of the textual inversions in it.
    #[serde(default)]
    pub embeddings: Vec<String>,
    /// The end of the prompt, which has no effect; absent if there is none.
    #[cfg_attr(test, ts(optional))]
    pub cut_off: Option<String>,
    /// A number at the end that AUTOMATIC1111 takes for a factor of the guidance, and Hearth does
    /// not; absent if there is none.
    #[cfg_attr(test, ts(optional))]
    pub unused_weight: Option<f64>,
}

/// A part of a prompt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PromptPart {
    /// Factor of its guidance.
    pub weight: f64,
    /// Number of different texts over the steps; the rest describes the first.
    pub texts: u32,
    /// Tokens of each chunk.
    pub tokens: Vec<u32>,
    /// First word of each chunk; empty if it cannot be shown.
    pub first_words: Vec<String>,
    /// Texts whose weight is not 1, with their weights.
    pub weights: Vec<(String, f64)>,
}
