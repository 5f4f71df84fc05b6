//! Default configs of single files, from the presets of their families.
//!
//! The presets are from the same repositories of the Hub as diffusers'
//! (`DIFFUSERS_DEFAULT_PIPELINE_PATHS`), without unused fields. A `.patch.json` has the differences
//! between a repository and the first of its architecture, as a JSON merge patch (RFC 7396): `null`
//! removes a field.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::architecture::{Architecture, Preset};
use super::prediction::Prediction;
use crate::error::{Error, Message, Result};
use crate::model::{Component, NetworkConfig, UNetStructure};

/// The text of each config by its path in a checkpoint of diffusers layout.
pub type Configs = BTreeMap<String, String>;

const SCHEDULER: &str = "scheduler/scheduler_config.json";

/// Properties of a file beside its architecture.
pub(super) struct ConfigTraits {
    pub inpainting: bool,
    pub prediction: Prediction,
    pub zero_terminal_snr: bool,
    /// Width and height of the training images, if the file states them.
    pub resolution: Option<[usize; 2]>,
    /// Blocks that its UNet shows. They count if they are fewer than those of the architecture's model.
    pub structure: Option<UNetStructure>,
    /// Features of the guidance embedding, if its UNet has one.
    pub guidance_features: Option<usize>,
}

/// Returns the configs of an architecture's first model.
///
/// # Errors
/// None that a user can cause: the configs are part of the program.
pub fn architecture_configs(architecture: &Architecture) -> Result<Configs> {
    let prediction = Prediction::Epsilon;
    let traits = ConfigTraits {
        inpainting: false,
        prediction,
        zero_terminal_snr: false,
        resolution: None,
        structure: None,
        guidance_features: None,
    };
    configs(architecture.presets, &traits)
}

/// Returns the configs of a file.
pub(super) fn configs(
    presets: fn(bool, Prediction) -> Preset,
    traits: &ConfigTraits,
) -> Result<Configs> {
    let Preset { base, patch } = presets(traits.inpainting, traits.prediction);
    let mut configs = read(base)?;
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
        say(&Component::UNET.config_path(), "sample_size", json!(size));
    }
    // Only latent consistency models have it (`LCMScheduler`'s defaults are theirs).
    if let Some(features) = traits.guidance_features {
        say(&Component::UNET.config_path(), "time_cond_proj_dim", json!(features));
        say(SCHEDULER, "_class_name", json!("LCMScheduler"));
    }
    if let Some(structure) = &traits.structure {
        shrink(&mut configs, structure)?;
    }
    let texts = configs.as_object().into_iter().flatten();
    Ok(texts.map(|(path, config)| (path.clone(), config.to_string())).collect())
}

/// Changes the UNet's config to this structure, if that is smaller.
fn shrink(configs: &mut Value, structure: &UNetStructure) -> Result<()> {
    let path = Component::UNET.config_path();
    let unet = &mut configs[&path];
    let full = NetworkConfig::from_json(Component::UNET.kind, unet.to_string().as_bytes(), &path)?;
    let NetworkConfig::UNet2DCondition(full) = full else { return Ok(()) };
    if !structure.is_smaller_than(&full.structure()) {
        return Ok(());
    }
    merge(unet, &Value::Object(structure.fields()));
    // A patch of `null` removes a field; of the middle block it says that there is none.
    if structure.mid.is_none() {
        unet["mid_block_type"] = Value::Null;
    }
    if let Some(heads) = unet["attention_head_dim"].as_array_mut() {
        heads.truncate(structure.channels.len());
    }
    Ok(())
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
