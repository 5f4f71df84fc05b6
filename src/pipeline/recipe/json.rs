//! Hearth's own text: everything that is known, as JSON.

use serde_json::{Map, Value, json};

use super::model::ModelIdentity;
use super::settings::{Recipe, StartRecipe};
use crate::error::{Message, field_name, messages};

/// What is written. A later one may say more and change nothing that is there.
const VERSION: u64 = 1;

/// Writes everything that is known.
pub fn write(recipe: &Recipe) -> String {
    let mut object = Map::new();
    let mut add = |key: &str, value: Value| {
        if !value.is_null() {
            object.insert(key.to_string(), value);
        }
    };
    add("version", json!(VERSION));
    add("prompt", json!(recipe.prompt));
    add("negative_prompt", json!(recipe.negative_prompt));
    add("num_inference_steps", json!(recipe.num_inference_steps));
    add("guidance_scale", json!(recipe.guidance_scale));
    // As text: a JSON number is no u64 to everybody.
    add("seed", json!(recipe.seed.map(|seed| seed.to_string())));
    add("scheduler", json!(recipe.scheduler.map(|scheduler| scheduler.to_string())));
    add("width", json!(recipe.width));
    add("height", json!(recipe.height));
    add("eta", json!(recipe.eta));
    add("clip_skip", json!(recipe.clip_skip));
    add("model", recipe.model.as_ref().map_or(Value::Null, model_to_json));
    add("start", recipe.start.as_ref().map_or(Value::Null, start_to_json));
    Value::Object(object).to_string()
}

fn model_to_json(model: &ModelIdentity) -> Value {
    json!({ "name": model.name, "place": model.public_place(), "fingerprint": model.fingerprint })
}

fn start_to_json(start: &StartRecipe) -> Value {
    json!({
        "strength": start.strength,
        "padding": start.padding,
        "image_sha256": start.image_sha256,
        "mask_sha256": start.mask_sha256,
    })
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
    let mut lost = Vec::new();
    let mut fields = Fields { object: &object, lost: &mut lost };
    let text = |value: &Value| value.as_str().map(str::to_string);
    let mut recipe = Recipe {
        prompt: fields.take("prompt", text).unwrap_or_default(),
        negative_prompt: fields.take("negative_prompt", text).unwrap_or_default(),
        num_inference_steps: fields.take("num_inference_steps", whole),
        guidance_scale: fields.take("guidance_scale", Value::as_f64),
        seed: fields.take("seed", |seed| seed.as_str()?.parse().ok()),
        scheduler: fields.take("scheduler", |scheduler| scheduler.as_str()?.parse().ok()),
        width: fields.take("width", whole),
        height: fields.take("height", whole),
        eta: fields.take("eta", Value::as_f64),
        clip_skip: fields.take("clip_skip", whole),
        model: fields.take("model", model_from_json),
        start: fields.take("start", start_from_json),
        lost: Vec::new(),
    };
    recipe.lost = lost;
    Ok(recipe)
}

/// The fields of an object, and the names of those that could not be used.
struct Fields<'a> {
    object: &'a Map<String, Value>,
    lost: &'a mut Vec<Message>,
}

impl Fields<'_> {
    fn take<T>(&mut self, key: &str, read: impl FnOnce(&Value) -> Option<T>) -> Option<T> {
        let value = self.object.get(key).filter(|value| !value.is_null())?;
        let read = read(value);
        if read.is_none() {
            self.lost.push(field_name(key));
        }
        read
    }
}

/// No setting is beyond four bytes.
fn whole(value: &Value) -> Option<usize> {
    u32::try_from(value.as_u64()?).ok().map(|value| value as usize)
}

fn model_from_json(value: &Value) -> Option<ModelIdentity> {
    let text = |key| Some(value.get(key)?.as_str()?.to_string());
    Some(ModelIdentity {
        name: text("name")?,
        place: text("place"),
        fingerprint: text("fingerprint"),
    })
}

fn start_from_json(value: &Value) -> Option<StartRecipe> {
    let text = |key| Some(value.get(key)?.as_str()?.to_string());
    let strength = value.get("strength")?.as_f64()?;
    let padding = value.get("padding").and_then(Value::as_u64);
    (0.0..=1.0).contains(&strength).then(|| StartRecipe {
        strength,
        padding: padding.and_then(|padding| u32::try_from(padding).ok()),
        image_sha256: text("image_sha256"),
        mask_sha256: text("mask_sha256"),
    })
}
