//! A finished picture with everything that made it.

use js_sys::{Array, Uint8Array, Uint8ClampedArray};
use web_sys::{Blob, BlobPropertyBag, ImageData, Url};

use super::dom::thrown;
use super::protocol::{GenerateRequest, Pixels};
use super::words::{self, took};
use crate::error::{Error, Result};

/// A picture of this visit. Pixels and PNG are kept by the browser, outside of the program's memory.
pub struct Artwork {
    /// The run that made it.
    pub id: u32,
    /// The settings that made it.
    pub request: GenerateRequest,
    /// Its pixels.
    pub image: ImageData,
    /// The PNG file, as an address that is valid while this value lives.
    pub url: String,
    /// How long it took.
    pub seconds: f64,
    /// What made it.
    pub made_by: Maker,
}

/// What made a picture, for people.
#[derive(Debug, Clone, Default)]
pub struct Maker {
    /// The model.
    pub model: String,
    /// The scheduler.
    pub scheduler: String,
    /// The device.
    pub device: String,
}

impl Artwork {
    /// Takes a run's result in.
    pub fn new(
        id: u32,
        request: GenerateRequest,
        picture: &Pixels,
        png: &[u8],
        seconds: f64,
        made_by: Maker,
    ) -> Result<Self> {
        let image = image(picture)?;
        let properties = BlobPropertyBag::new();
        properties.set_type("image/png");
        let url = Blob::new_with_u8_array_sequence_and_options(
            &Array::of1(&Uint8Array::from(png)),
            &properties,
        )
        .and_then(|blob| Url::create_object_url_with_blob(&blob))
        .map_err(|error| thrown("the picture cannot be kept", &error))?;
        Ok(Artwork { id, request, image, url, seconds, made_by })
    }

    /// What to call the file.
    pub fn file_name(&self) -> String {
        file_name(&self.request.prompt, &self.request.seed)
    }

    /// The recipe, as terms and values; what was not asked for is left out.
    pub fn recipe(&self) -> Vec<(String, String)> {
        let request = &self.request;
        let mut recipe =
            vec![(words::recipe_prompt(), or_else(&request.prompt, &words::recipe_no_prompt()))];
        if !request.negative_prompt.is_empty() {
            recipe.push((words::recipe_without(), request.negative_prompt.clone()));
        }
        recipe.extend([
            (words::recipe_seed(), request.seed.clone()),
            (words::recipe_steps(), request.num_inference_steps.to_string()),
            (words::recipe_guidance(), request.guidance_scale.to_string()),
            (words::recipe_scheduler(), self.made_by.scheduler.clone()),
            (words::recipe_size(), format!("{} × {}", self.image.width(), self.image.height())),
            (words::recipe_time(), took(self.seconds)),
            (words::recipe_model(), self.made_by.model.clone()),
            (words::recipe_device(), self.made_by.device.clone()),
        ]);
        recipe
    }
}

impl Drop for Artwork {
    fn drop(&mut self) {
        let _ = Url::revoke_object_url(&self.url);
    }
}

/// Pixels as the browser draws them: a copy, because an `ImageData` made from the program's own
/// memory would show whatever that memory holds later.
pub fn image(pixels: &Pixels) -> Result<ImageData> {
    let bytes = Uint8ClampedArray::from(pixels.rgba.as_slice());
    ImageData::new_with_js_u8_clamped_array_and_sh(&bytes, pixels.width, pixels.height).map_err(
        |_| Error::Image {
            action: "read",
            reason: format!("it is not {} × {}", pixels.width, pixels.height),
        },
    )
}

fn or_else(text: &str, otherwise: &str) -> String {
    if text.trim().is_empty() { otherwise.to_string() } else { text.to_string() }
}

/// `a-red-apple-42.png`: letters and digits of any script, so that every file system takes it.
fn file_name(prompt: &str, seed: &str) -> String {
    const LONGEST: usize = 48;
    let mut name = String::new();
    for word in
        prompt.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty())
    {
        if name.chars().count() + word.chars().count() > LONGEST {
            break;
        }
        name += &word.to_lowercase();
        name.push('-');
    }
    if name.is_empty() {
        name.push_str("hearth-");
    }
    format!("{name}{}.png", seed.trim())
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn file_names_come_from_prompt_and_seed() {
        assert_eq!(
            file_name("A red apple, on a/blue background!", "42"),
            "a-red-apple-on-a-blue-background-42.png"
        );
        assert_eq!(file_name("", "7"), "hearth-7.png");
        assert_eq!(file_name("../../etc", "7"), "etc-7.png");
        assert_eq!(file_name("ein Käfer", "7"), "ein-käfer-7.png");
    }

    #[test]
    fn file_names_stay_short() {
        assert_eq!(file_name(&"word ".repeat(100), "1").len(), "word-".len() * 9 + "1.png".len());
        assert_eq!(file_name(&"x".repeat(500), "1"), "hearth-1.png");
    }
}
