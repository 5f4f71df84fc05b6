//! Prediction type of a single file, which its shapes do not reveal.

use std::collections::BTreeMap;

use super::super::safetensors::Entry;

/// Prediction type of a UNet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prediction {
    /// The noise.
    Epsilon,
    /// The velocity, a mixture of noise and image.
    VPrediction,
}

impl Prediction {
    /// Returns the `prediction_type` of diffusers.
    pub fn name(self) -> &'static str {
        match self {
            Prediction::Epsilon => "epsilon",
            Prediction::VPrediction => "v_prediction",
        }
    }

    /// Parses the name as in diffusers or `modelspec`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "epsilon" | "eps" => Some(Prediction::Epsilon),
            "v_prediction" | "v" => Some(Prediction::VPrediction),
            _ => None,
        }
    }
}

/// Returns what the file states: by an empty tensor `v_pred`, as NoobAI and ComfyUI write, or by
/// metadata of Stability AI's ModelSpec.
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

/// Whether the model was trained with zero terminal SNR.
pub(super) fn zero_terminal_snr(entries: &[Entry]) -> bool {
    has(entries, "ztsnr")
}

fn has(entries: &[Entry], key: &str) -> bool {
    entries.iter().any(|entry| entry.name == key)
}

/// The biases that distinguish SD 2.x's base model from the 768-v one.
pub(super) const REVEALING_BIAS: &str = "output_blocks.11.1.transformer_blocks.0.norm1.bias";

/// Returns the prediction type of a 2.x UNet by those biases, whose spread is larger in models
/// trained on v. The limit is ComfyUI's (`supported_models.py`, `SD20.model_type`).
pub fn prediction_from_biases(biases: &[f32]) -> Prediction {
    const SPREAD: f64 = 0.09;
    let count = biases.len().max(1) as f64;
    let mean = biases.iter().map(|&b| f64::from(b)).sum::<f64>() / count;
    let variance = biases.iter().map(|&b| (f64::from(b) - mean).powi(2)).sum::<f64>() / count;
    if variance.sqrt() > SPREAD { Prediction::VPrediction } else { Prediction::Epsilon }
}
