//! A recipe as the texts of a PNG: pairs of keyword and text.

use super::settings::Recipe;
use super::{json, parameters};
use crate::error::{Message, Result, messages};
use crate::image::RgbImage;
use crate::params::{FIELDS, Field, GenerationParams, Kind, Section};

/// Hearth's own text.
const OWN: &str = "hearth";

/// The text of AUTOMATIC1111's web UI and of all who write like it.
const PARAMETERS: &str = "parameters";

/// No recipe is longer; a longer text is something else, or meant to do harm.
const LONGEST: usize = 1 << 20;

/// A picture as a PNG file with the recipe in its texts.
///
/// # Errors
/// As [`RgbImage::to_png`].
pub fn to_png(image: &RgbImage, recipe: &Recipe) -> Result<Vec<u8>> {
    let texts = write(recipe);
    let texts: Vec<(&str, &str)> = texts.iter().map(|(key, text)| (*key, text.as_str())).collect();
    image.to_png(&texts)
}

/// Everything that must be typed in again to get the same picture. The plain keys are for people,
/// `parameters` is for other programs, `hearth` for this one.
pub fn write(recipe: &Recipe) -> Vec<(&'static str, String)> {
    let model = recipe.model.as_ref().map_or(String::new(), |model| model.name.clone());
    let mut texts = vec![
        ("Software", concat!("Hearth ", env!("CARGO_PKG_VERSION")).to_string()),
        ("model", model),
    ];
    // What was left as it is for every model need not be told to people.
    let usual = GenerationParams::default().with(&recipe.params);
    let told = |field: &&Field| {
        field.section != Section::InitImage
            && (matches!(field.kind, Kind::Text) || !usual.is_default(field))
    };
    texts.extend(FIELDS.iter().filter(told).map(|field| {
        let value = recipe.params.get(field);
        (field.name, value.map_or(String::new(), |value| value.to_string()))
    }));
    texts.extend([(PARAMETERS, parameters::write(recipe)), (OWN, json::write(recipe))]);
    // PNG cannot hold a zero.
    texts.into_iter().map(|(key, text)| (key, text.replace('\0', ""))).collect()
}

/// The recipe in these texts: Hearth's own if there is one, else another program's. `None` if there is
/// none. Never fails: what is broken in it is told in [`Recipe::lost`].
pub fn read<K: AsRef<str>, T: AsRef<str>>(texts: &[(K, T)]) -> Option<Recipe> {
    let find = |wanted| {
        let found = texts.iter().find(|(key, _)| key.as_ref() == wanted);
        found.map(|(_, text)| text.as_ref()).filter(|text| !text.trim().is_empty())
    };
    let mut lost = Vec::new();
    if let Some(text) = find(OWN) {
        match bounded(text).and_then(json::read) {
            Ok(recipe) => return Some(recipe),
            Err(reason) => lost.push(messages::lost_setting(OWN, reason)),
        }
    }
    let mut recipe = match find(PARAMETERS).map(bounded) {
        Some(Ok(text)) => parameters::read(text),
        Some(Err(reason)) => {
            lost.push(messages::lost_setting(PARAMETERS, reason));
            Recipe::default()
        }
        None if lost.is_empty() => return None,
        None => Recipe::default(),
    };
    recipe.lost.extend(lost);
    Some(recipe)
}

fn bounded(text: &str) -> Result<&str, Message> {
    match text.len() {
        ..=LONGEST => Ok(text),
        bytes => Err(messages::too_many_bytes(bytes)),
    }
}
