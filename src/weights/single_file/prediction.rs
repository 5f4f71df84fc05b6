//! What a single file's UNet predicts. Shapes do not tell it.

use std::collections::BTreeMap;

use super::super::safetensors::Entry;
use super::architecture::Architecture;

/// What a UNet predicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prediction {
    /// The noise.
    Epsilon,
    /// A mixture of noise and picture.
    VPrediction,
}

impl Prediction {
    /// `prediction_type` of diffusers.
    pub fn name(self) -> &'static str {
        match self {
            Prediction::Epsilon => "epsilon",
            Prediction::VPrediction => "v_prediction",
        }
    }

    /// As diffusers and as `modelspec` write it.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "epsilon" | "eps" => Some(Prediction::Epsilon),
            "v_prediction" | "v" => Some(Prediction::VPrediction),
            _ => None,
        }
    }
}

/// What the file says of itself: an empty tensor `v_pred`, as NoobAI and ComfyUI write, or metadata
/// as Stability's ModelSpec asks for.
pub(super) fn stated(entries: &[Entry], metadata: &BTreeMap<String, String>) -> Option<Prediction> {
    if has(entries, "v_pred") {
        return Some(Prediction::VPrediction);
    }
    let meta = |key: &str| metadata.get(key).map(String::as_str);
    let by_architecture = || match meta("modelspec.architecture") {
        Some("stable-diffusion-v2-768-v") => Some(Prediction::VPrediction),
        Some("stable-diffusion-v2-512") => Some(Prediction::Epsilon),
        _ => None,
    };
    meta("modelspec.prediction_type").and_then(Prediction::from_name).or_else(by_architecture)
}

/// What diffusers takes a file for that says nothing: every 2.x for the 768-v model.
pub(super) fn assumed(architecture: Architecture, inpainting: bool) -> Prediction {
    match (architecture, inpainting) {
        (Architecture::V2, false) => Prediction::VPrediction,
        _ => Prediction::Epsilon,
    }
}

/// Trained up to noise in which nothing of the picture is left.
pub(super) fn zero_terminal_snr(entries: &[Entry]) -> bool {
    has(entries, "ztsnr")
}

fn has(entries: &[Entry], key: &str) -> bool {
    entries.iter().any(|entry| entry.name == key)
}

/// The layer whose biases tell SD 2.x's base model from the 768-v one.
pub(super) const TELLTALE: &str = "output_blocks.11.1.transformer_blocks.0.norm1.bias";

/// What a 2.x UNet predicts, by those biases: they are spread wider where it was trained on v. The
/// limit is ComfyUI's (`supported_models.py`, `SD20.model_type`).
pub fn told_by(biases: &[f32]) -> Prediction {
    const SPREAD: f64 = 0.09;
    let count = biases.len().max(1) as f64;
    let mean = biases.iter().map(|&b| f64::from(b)).sum::<f64>() / count;
    let variance = biases.iter().map(|&b| (f64::from(b) - mean).powi(2)).sum::<f64>() / count;
    if variance.sqrt() > SPREAD { Prediction::VPrediction } else { Prediction::Epsilon }
}
