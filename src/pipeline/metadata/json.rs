//! Hearth's own metadata, as JSON.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::generation_metadata::{GenerationMetadata, InitImageMetadata};
use super::model::ModelIdentity;
use crate::error::{Message, field_name, messages};
use crate::params::{
    AdapterUse, FIELDS, Field, NamedHash, PartialParams, Section, Value as Parameter,
};
use crate::prompt::Grammar;
use crate::scheduler::{NoiseSource, StepNoise};

/// Version of the format. Later versions may add keys, and must not change existing ones.
const VERSION: u64 = 1;

/// Writes all metadata.
pub fn write(metadata: &GenerationMetadata) -> String {
    let params = |section: fn(Section) -> bool| {
        FIELDS.iter().filter(move |field| section(field.section)).filter_map(|field| {
            let value = field.to_wire(metadata.params.get(field)?);
            Some((field.json_key().to_string(), json!(value)))
        })
    };
    let mut object: Map<String, Value> = params(|section| section != Section::InitImage).collect();
    // Steps along a Brownian path are named, although the sampler implies them.
    if metadata.params.noise.is_none() && implies_brownian(&metadata.params) {
        object.insert(NOISE.to_string(), json!(NoiseSource::Brownian.as_str()));
    }
    object.insert("version".to_string(), json!(VERSION));
    if let Some(model) = &metadata.model {
        object.insert("model".to_string(), model_to_json(model));
    }
    if let Some(vae) = &metadata.vae {
        object.insert(VAE.to_string(), named_hash_to_json(vae));
    }
    if !metadata.adapters.is_empty() {
        object.insert(ADAPTERS.to_string(), json!(metadata.adapters));
    }
    for (key, files) in [(HASHES, &metadata.adapter_hashes), (EMBEDDINGS, &metadata.embeddings)] {
        if !files.is_empty() {
            object.insert(key.to_string(), files.iter().map(named_hash_to_json).collect());
        }
    }
    if let Some(init_image) = &metadata.init_image {
        let mut init_image = init_image_to_json(init_image);
        init_image.extend(params(|section| section == Section::InitImage));
        object.insert("start".to_string(), Value::Object(init_image));
    }
    Value::Object(object).to_string()
}

/// Key of the source of noise.
const NOISE: &str = "noise";

/// Returns whether the sampler adds noise of a Brownian path by itself.
fn implies_brownian(params: &PartialParams) -> bool {
    params.scheduler.is_some_and(|name| name.sampler().row().noise == StepNoise::Brownian)
}

/// Key of the autoencoder.
const VAE: &str = "vae";

/// Key of the adapters.
const ADAPTERS: &str = "adapters";

/// Key of the hashes of the adapters' files.
const HASHES: &str = "adapter_hashes";

/// Key of the textual inversions that the prompts name.
const EMBEDDINGS: &str = "embeddings";

fn named_hash_to_json(file: &NamedHash) -> Value {
    json!({ "name": file.name, "hash": file.hash })
}

fn named_hash_from_json(value: &Value) -> Option<NamedHash> {
    let text = |key: &str| Some(value.get(key)?.as_str()?.to_string());
    Some(NamedHash { name: text("name")?, hash: text("hash") })
}

fn named_hashes_from_json(value: &Value) -> Option<Vec<NamedHash>> {
    value.as_array()?.iter().map(named_hash_from_json).collect()
}

/// Returns the adapters, if all of them are readable and their weights finite.
fn adapters_from_json(value: &Value) -> Option<Vec<AdapterUse>> {
    let adapters = Vec::<AdapterUse>::deserialize(value).ok()?;
    let is_finite = |row: &AdapterUse| row.unet.is_finite() && row.text_encoder.is_finite();
    adapters.iter().all(is_finite).then_some(adapters)
}

fn model_to_json(model: &ModelIdentity) -> Value {
    json!({ "name": model.name, "place": model.public_place(), "fingerprint": model.fingerprint })
}

fn init_image_to_json(init_image: &InitImageMetadata) -> Map<String, Value> {
    let sums =
        [("image_sha256", &init_image.image_sha256), ("mask_sha256", &init_image.mask_sha256)];
    sums.into_iter().map(|(key, sum)| (key.to_string(), json!(sum))).collect()
}

/// Reads metadata. Values of the wrong kind are listed in [`GenerationMetadata::unsupported`].
///
/// # Errors
/// If the text is not a JSON object, or has an unknown version.
pub fn read(text: &str) -> Result<GenerationMetadata, Message> {
    let value: Value = serde_json::from_str(text).map_err(Message::verbatim)?;
    let Value::Object(object) = value else { return Err(messages::no_json_object()) };
    if object.get("version").and_then(Value::as_u64) != Some(VERSION) {
        return Err(messages::another_version());
    }
    let mut metadata = GenerationMetadata::default();
    let mut unsupported = Vec::new();
    for field in FIELDS.iter().filter(|field| field.section != Section::InitImage) {
        read_member(&object, field.json_key(), &mut unsupported, |value| {
            set(&mut metadata.params, field, value).then_some(())
        });
    }
    let params = &mut metadata.params;
    if implies_brownian(params) {
        params.noise = params.noise.filter(|noise| *noise != NoiseSource::Brownian);
    }
    metadata.model = read_member(&object, "model", &mut unsupported, model_from_json);
    metadata.vae = read_member(&object, VAE, &mut unsupported, named_hash_from_json);
    let adapters = read_member(&object, ADAPTERS, &mut unsupported, adapters_from_json);
    metadata.adapters = adapters.unwrap_or_default();
    let [adapter_hashes, embeddings] = [HASHES, EMBEDDINGS].map(|key| {
        read_member(&object, key, &mut unsupported, named_hashes_from_json).unwrap_or_default()
    });
    (metadata.adapter_hashes, metadata.embeddings) = (adapter_hashes, embeddings);
    metadata.init_image = read_member(&object, "start", &mut unsupported, |value| {
        let (params, init_image) = init_image_from_json(value)?;
        metadata.params.strength = params.strength;
        metadata.params.padding_mask_crop = params.padding_mask_crop;
        metadata.params.mask_blur = params.mask_blur;
        Some(init_image)
    });
    metadata.params.prompt.get_or_insert_default();
    metadata.params.negative_prompt.get_or_insert_default();
    // Pictures from before there were grammars have no such member.
    metadata.params.grammar.get_or_insert(Grammar::Plain);
    metadata.unsupported = unsupported;
    Ok(metadata)
}

/// Reads a member of an object. If it is there and cannot be used, adds its name to `unsupported`.
fn read_member<T>(
    object: &Map<String, Value>,
    key: &str,
    unsupported: &mut Vec<Message>,
    read: impl FnOnce(&Value) -> Option<T>,
) -> Option<T> {
    let value = object.get(key).filter(|value| !value.is_null())?;
    let read = read(value);
    if read.is_none() {
        unsupported.push(field_name(key));
    }
    read
}

/// Sets a field to a JSON value. Returns false if the value does not suit the field, or is a number
/// that the page cannot show.
fn set(params: &mut PartialParams, field: &Field, value: &Value) -> bool {
    let value = Parameter::deserialize(value).ok().and_then(|value| field.accept(value));
    // All other integers are u32.
    let fits = |value: &Parameter| match value {
        Parameter::Int(value) => field.is_wide() || u32::try_from(*value).is_ok(),
        _ => true,
    };
    value.filter(fits).is_some_and(|value| params.set(field, &value))
}

fn model_from_json(value: &Value) -> Option<ModelIdentity> {
    let text = |key| Some(value.get(key)?.as_str()?.to_string());
    Some(ModelIdentity {
        name: text("name")?,
        place: text("place"),
        fingerprint: text("fingerprint"),
    })
}

fn init_image_from_json(value: &Value) -> Option<(PartialParams, InitImageMetadata)> {
    let text = |key| Some(value.get(key)?.as_str()?.to_string());
    let mut params = PartialParams::default();
    for field in FIELDS.iter().filter(|field| field.section == Section::InitImage) {
        if let Some(value) = value.get(field.json_key()) {
            set(&mut params, field, value);
        }
    }
    let strength = params.strength?;
    (0.0..=1.0).contains(&strength).then(|| {
        let sums = InitImageMetadata {
            image_sha256: text("image_sha256"),
            mask_sha256: text("mask_sha256"),
        };
        (params, sums)
    })
}
