//! A recipe as the texts of a PNG: pairs of keyword and text.

use super::settings::Recipe;
use super::{json, parameters};
use crate::error::{Message, Result, messages};
use crate::image::RgbImage;

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
    let text = |value: Option<String>| value.unwrap_or_default();
    let number = |value: Option<usize>| text(value.map(|value| value.to_string()));
    vec![
        ("Software", concat!("Hearth ", env!("CARGO_PKG_VERSION")).to_string()),
        ("model", text(recipe.model.as_ref().map(|model| model.name.clone()))),
        ("prompt", recipe.prompt.clone()),
        ("negative_prompt", recipe.negative_prompt.clone()),
        ("num_inference_steps", number(recipe.num_inference_steps)),
        ("guidance_scale", text(recipe.guidance_scale.map(|scale| scale.to_string()))),
        ("seed", text(recipe.seed.map(|seed| seed.to_string()))),
        ("scheduler", text(recipe.scheduler.map(|scheduler| scheduler.to_string()))),
        ("width", number(recipe.width)),
        ("height", number(recipe.height)),
        (PARAMETERS, parameters::write(recipe)),
        (OWN, json::write(recipe)),
    ]
    .into_iter()
    .map(|(key, text)| (key, text.replace('\0', ""))) // PNG cannot hold it.
    .collect()
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
