//! Hearth's own text: everything that is known, as JSON.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::model::ModelIdentity;
use super::settings::{Recipe, StartRecipe};
use crate::error::{Message, field_name, messages};
use crate::params::{FIELDS, Field, PartialParams, Section, Value as Parameter};

/// What is written. A later one may say more and change nothing that is there.
const VERSION: u64 = 1;

/// Writes everything that is known.
pub fn write(recipe: &Recipe) -> String {
    let params = |section: fn(Section) -> bool| {
        FIELDS.iter().filter(move |field| section(field.section)).filter_map(|field| {
            let value = field.to_wire(recipe.params.get(field)?);
            Some((field.json_key().to_string(), json!(value)))
        })
    };
    let mut object: Map<String, Value> = params(|section| section != Section::InitImage).collect();
    object.insert("version".to_string(), json!(VERSION));
    if let Some(model) = &recipe.model {
        object.insert("model".to_string(), model_to_json(model));
    }
    if let Some(start) = &recipe.start {
        let mut start = start_to_json(start);
        start.extend(params(|section| section == Section::InitImage));
        object.insert("start".to_string(), Value::Object(start));
    }
    Value::Object(object).to_string()
}

fn model_to_json(model: &ModelIdentity) -> Value {
    json!({ "name": model.name, "place": model.public_place(), "fingerprint": model.fingerprint })
}

fn start_to_json(start: &StartRecipe) -> Map<String, Value> {
    let sums = [("image_sha256", &start.image_sha256), ("mask_sha256", &start.mask_sha256)];
    sums.into_iter().map(|(key, sum)| (key.to_string(), json!(sum))).collect()
}

/// Reads such a text. What is of the wrong kind is told in [`Recipe::lost`].
///
/// # Errors
/// If it is no JSON object, or of a version that nobody knows.
pub fn read(text: &str) -> Result<Recipe, Message> {
    let value: Value = serde_json::from_str(text).map_err(Message::verbatim)?;
    let Value::Object(object) = value else { return Err(messages::no_json_object()) };
    if object.get("version").and_then(Value::as_u64) != Some(VERSION) {
        return Err(messages::another_version());
    }
    let mut recipe = Recipe::default();
    let mut lost = Vec::new();
    for field in FIELDS.iter().filter(|field| field.section != Section::InitImage) {
        take(&object, field.json_key(), &mut lost, |value| {
            set(&mut recipe.params, field, value).then_some(())
        });
    }
    recipe.model = take(&object, "model", &mut lost, model_from_json);
    recipe.start = take(&object, "start", &mut lost, |start| {
        let (params, start) = start_from_json(start)?;
        recipe.params.strength = params.strength;
        recipe.params.padding_mask_crop = params.padding_mask_crop;
        Some(start)
    });
    recipe.params.prompt.get_or_insert_default();
    recipe.params.negative_prompt.get_or_insert_default();
    recipe.lost = lost;
    Ok(recipe)
}

/// A member of an object; if it is there and cannot be used, its name is added to `lost`.
fn take<T>(
    object: &Map<String, Value>,
    key: &str,
    lost: &mut Vec<Message>,
    read: impl FnOnce(&Value) -> Option<T>,
) -> Option<T> {
    let value = object.get(key).filter(|value| !value.is_null())?;
    let read = read(value);
    if read.is_none() {
        lost.push(field_name(key));
    }
    read
}

/// Sets a field to a value of JSON. False if it cannot be one, or no number that the page can show.
fn set(params: &mut PartialParams, field: &Field, value: &Value) -> bool {
    let value = Parameter::deserialize(value).ok().and_then(|value| field.accept(value));
    // No count is beyond four bytes.
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

fn start_from_json(value: &Value) -> Option<(PartialParams, StartRecipe)> {
    let text = |key| Some(value.get(key)?.as_str()?.to_string());
    let mut params = PartialParams::default();
    for field in FIELDS.iter().filter(|field| field.section == Section::InitImage) {
        if let Some(value) = value.get(field.json_key()) {
            set(&mut params, field, value);
        }
    }
    let strength = params.strength?;
    (0.0..=1.0).contains(&strength).then(|| {
        let sums =
            StartRecipe { image_sha256: text("image_sha256"), mask_sha256: text("mask_sha256") };
        (params, sums)
    })
}
