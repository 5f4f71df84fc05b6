//! The configs that a single file lacks. They are those of the repositories on the Hub that diffusers
//! takes them from (`DIFFUSERS_DEFAULT_PIPELINE_PATHS`), without what no one reads.
//!
//! A `.patch.json` says what its repository has otherwise than its family's first, as a JSON merge
//! patch (RFC 7396): a field of `null` is not there.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::architecture::Architecture;
use super::prediction::Prediction;
use crate::error::{Error, Message, Result};
use crate::model::UNet2DConditionConfig;

/// The text of each config by its path in a checkpoint of diffusers layout.
pub type Configs = BTreeMap<String, String>;

const SCHEDULER: &str = "scheduler/scheduler_config.json";

macro_rules! preset {
    ($name:literal) => {
        include_str!(concat!("../presets/", $name, ".json"))
    };
}

/// What is known of a file beside its architecture.
pub(super) struct Traits {
    pub inpainting: bool,
    pub prediction: Prediction,
    pub zero_terminal_snr: bool,
    /// Width and height of the pictures that it was trained on, where it says so.
    pub resolution: Option<[usize; 2]>,
}

/// The configs of an architecture's first model.
///
/// # Errors
/// None that a user can cause: the configs are part of the program.
pub fn architecture_configs(architecture: Architecture) -> Result<Configs> {
    let prediction = Prediction::Epsilon;
    let traits =
        Traits { inpainting: false, prediction, zero_terminal_snr: false, resolution: None };
    configs(architecture, &traits)
}

/// The configs of such a file.
pub(super) fn configs(architecture: Architecture, traits: &Traits) -> Result<Configs> {
    use Prediction::{Epsilon, VPrediction};
    let (first, patch) = match (architecture, traits.inpainting, traits.prediction) {
        (Architecture::V1, false, _) => (preset!("stable-diffusion-v1-5"), None),
        (Architecture::V1, true, _) => {
            (preset!("stable-diffusion-v1-5"), Some(preset!("stable-diffusion-inpainting.patch")))
        }
        (Architecture::V2, false, VPrediction) => (preset!("stable-diffusion-2-1"), None),
        (Architecture::V2, false, Epsilon) => {
            (preset!("stable-diffusion-2-1"), Some(preset!("stable-diffusion-2-1-base.patch")))
        }
        (Architecture::V2, true, _) => {
            (preset!("stable-diffusion-2-1"), Some(preset!("stable-diffusion-2-inpainting.patch")))
        }
        (Architecture::Xl, false, _) => (preset!("stable-diffusion-xl-base-1.0"), None),
        (Architecture::Xl, true, _) => (
            preset!("stable-diffusion-xl-base-1.0"),
            Some(preset!("stable-diffusion-xl-1.0-inpainting-0.1.patch")),
        ),
    };
    let mut configs = read(first)?;
    if let Some(patch) = patch {
        merge(&mut configs, &read(patch)?);
    }
    let mut say = |path: &str, field: &str, value: Value| {
        configs[path][field] = value;
    };
    say(SCHEDULER, "prediction_type", json!(traits.prediction.name()));
    if traits.zero_terminal_snr {
        say(SCHEDULER, "rescale_betas_zero_snr", json!(true));
    }
    if let Some([width, height]) = traits.resolution {
        const FACTOR: usize = 8; // Pixels per latent, in all these architectures.
        let size = [height / FACTOR, width / FACTOR];
        say(UNet2DConditionConfig::PATH, "sample_size", json!(size));
    }
    let texts = configs.as_object().into_iter().flatten();
    Ok(texts.map(|(path, config)| (path.clone(), config.to_string())).collect())
}

fn read(json: &str) -> Result<Value> {
    serde_json::from_str(json)
        .map_err(|e| Error::Internal { reason: Message::verbatim(format!("a preset: {e}")) })
}

/// RFC 7396.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    for (field, value) in patch {
        match target.as_object_mut() {
            Some(target) if value.is_null() => drop(target.remove(field)),
            _ => merge(&mut target[field.as_str()], value),
        }
    }
}
