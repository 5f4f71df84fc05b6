//! Generated image with its parameters and file.

use std::rc::Rc;

use js_sys::Uint8Array;
use web_sys::ImageData;

use super::super::canvas::image_data;
use super::super::history::{Entry, LoadedEntry, PngFile, Provenance};
use crate::app::protocol::{GenerateRequest, InitImagePixels, Pixels};
use crate::app::words::{self, duration};
use crate::error::Result;
use crate::params::{AdapterUse, DefaultRule, FIELDS, GenerationParams, Kind, Section};

/// A generated image. The browser holds pixels and PNG outside WebAssembly's memory.
pub struct GeneratedImage {
    /// Parameters and origin.
    pub entry: Entry,
    /// Its pixels.
    pub image: ImageData,
    /// The PNG file.
    pub file: Rc<PngFile>,
}

impl GeneratedImage {
    /// Creates it from the result of a run.
    pub fn new(
        request: GenerateRequest,
        picture: &Pixels,
        png: &[u8],
        seconds: f64,
        made_by: Provenance,
    ) -> Result<Self> {
        let image = image_data(picture)?;
        let file = Rc::new(PngFile::new(&Uint8Array::from(png))?);
        let bytes = file.len();
        let entry = Entry::new(request, made_by, seconds, bytes);
        Ok(GeneratedImage { entry, image, file })
    }

    /// Returns the pixels in the worker's format.
    pub fn pixels(&self) -> Pixels {
        let (width, height) = (self.image.width(), self.image.height());
        Pixels { width, height, rgba: self.image.data().0 }
    }

    /// Returns the file name for saving.
    pub fn file_name(&self) -> String {
        let GenerationParams { prompt, seed, .. } = &self.entry.request.params;
        file_name(prompt, *seed)
    }

    /// Returns the parameters as terms and values; default values are left out.
    pub fn recipe(&self) -> Vec<(String, String)> {
        let Entry { request, made_by, seconds, .. } = &self.entry;
        let GenerationParams { prompt, negative_prompt, seed, .. } = &request.params;
        let mut recipe =
            vec![(words::recipe_prompt(), text_or(prompt, &words::recipe_no_prompt()))];
        if !negative_prompt.is_empty() {
            recipe.push((words::recipe_negative_prompt(), negative_prompt.clone()));
        }
        recipe.extend(
            request
                .init_image
                .iter()
                .flat_map(|init_image| init_image_rows(init_image, &request.params)),
        );
        recipe.push((words::recipe_seed(), seed.to_string()));
        for field in FIELDS.iter().filter(|field| field.section == Section::Sampling) {
            let value = match field.kind {
                Kind::Choice(_) if field.default == DefaultRule::Model => {
                    Some(made_by.scheduler.clone())
                }
                _ if request.params.is_default(field) => None,
                _ => request.params.get(field).map(|value| words::shown_value(field, &value)),
            };
            recipe.extend(value.map(|value| (words::recipe_term(field), value)));
        }
        let adapters: Vec<String> = match &made_by.used {
            Some(used) => {
                used.adapters.iter().map(adapter_text).chain(used.embeddings.clone()).collect()
            }
            None => request.adapters.iter().map(adapter_text).collect(),
        };
        if !adapters.is_empty() {
            recipe.push((words::recipe_adapters(), adapters.join(&words::comma())));
        }
        recipe.extend([
            (words::recipe_size(), format!("{} × {}", self.image.width(), self.image.height())),
            (words::recipe_time(), duration(*seconds)),
            (words::recipe_model(), made_by.model.name.clone()),
        ]);
        if let Some(vae) = &made_by.model.vae {
            recipe.push((words::recipe_vae(), vae.name.clone()));
        }
        recipe.push((words::recipe_device(), made_by.device.clone()));
        recipe
    }
}

impl From<LoadedEntry> for GeneratedImage {
    fn from(LoadedEntry { entry, image, file }: LoadedEntry) -> Self {
        GeneratedImage { entry, image, file }
    }
}

/// Returns the rows about the init image.
fn init_image_rows(
    init_image: &InitImagePixels,
    params: &GenerationParams,
) -> Vec<(String, String)> {
    let mut rows = vec![(words::recipe_strength(), params.strength.to_string())];
    if init_image.mask.is_some() {
        rows.push((words::recipe_mask(), words::recipe_mask_only()));
    }
    if let Some(padding) = params.padding_mask_crop {
        rows.push((words::recipe_padding(), padding.to_string()));
    }
    if init_image.mask.is_some() && params.mask_blur > 0 {
        rows.push((words::recipe_mask_blur(), params.mask_blur.to_string()));
    }
    rows
}

/// Returns an adapter's name with its weights.
fn adapter_text(adapter: &AdapterUse) -> String {
    let AdapterUse { name, unet, text_encoder } = adapter;
    match unet == text_encoder {
        true => words::recipe_adapter(name, unet),
        false => words::recipe_adapter_apart(name, unet, text_encoder),
    }
}

fn text_or(text: &str, otherwise: &str) -> String {
    if text.trim().is_empty() { otherwise.to_string() } else { text.to_string() }
}

/// Returns a file name such as `a-red-apple-42.png`, of letters and digits of any script, which
/// every file system accepts.
pub fn file_name(prompt: &str, seed: u64) -> String {
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
    format!("{name}{seed}.png")
}

#[cfg(test)]
mod tests {
    use super::{file_name, init_image_rows};
    use crate::app::protocol::{InitImagePixels, Pixels};
    use crate::params::GenerationParams;

    #[test]
    fn init_image_rows_list_strength_mask_padding_and_blur() {
        let rows = |padding, mask: Option<Vec<u8>>| {
            let image = Pixels { width: 1, height: 1, rgba: vec![0; 4] }.into();
            let mask = mask.map(Into::into);
            let params = GenerationParams {
                strength: 0.4,
                padding_mask_crop: padding,
                mask_blur: 4,
                ..GenerationParams::default()
            };
            let rows = init_image_rows(&InitImagePixels { image, mask }, &params);
            rows.iter().map(|(term, value)| format!("{term} {value}")).collect::<Vec<_>>()
        };
        assert_eq!(rows(None, None), ["Strength 0.4"]);
        assert_eq!(
            rows(Some(32), Some(vec![255])),
            ["Strength 0.4", "Mask only where painted", "Surroundings 32", "Soft edge 4"]
        );
    }

    #[test]
    fn file_name_contains_prompt_and_seed() {
        assert_eq!(
            file_name("A red apple, on a/blue background!", 42),
            "a-red-apple-on-a-blue-background-42.png"
        );
        assert_eq!(file_name("", 7), "hearth-7.png");
        assert_eq!(file_name("../../etc", 7), "etc-7.png");
        assert_eq!(file_name("ein Käfer", 7), "ein-käfer-7.png");
    }

    #[test]
    fn file_name_of_long_prompt_is_short() {
        assert_eq!(file_name(&"word ".repeat(100), 1).len(), "word-".len() * 9 + "1.png".len());
        assert_eq!(file_name(&"x".repeat(500), 1), "hearth-1.png");
    }
}
