//! How a picture was made, read from its file.

use js_sys::Uint8Array;
use wasm_bindgen_futures::JsFuture;

use super::Worker;
use crate::app::message::PickedFile;
use crate::app::protocol::{ModelName, Recipe, Report};
use crate::error::{messages, setting_name};
use crate::image::texts;
use crate::pipeline::recipe;

/// Nobody's picture is larger, bytes.
const LARGEST: f64 = 64e6;

impl Worker {
    /// Answers [`crate::app::protocol::Command::Recipe`].
    pub async fn recipe(&self, id: u32, files: Vec<PickedFile>) {
        let recipe = match files.first() {
            Some((_, file)) => read(file).await,
            None => None,
        };
        self.port.post(&Report::Recipe { id, recipe });
    }
}

/// What is no PNG, or cannot be read, tells nothing.
async fn read(file: &web_sys::File) -> Option<Recipe> {
    if file.size() > LARGEST {
        return None;
    }
    let bytes = JsFuture::from(file.array_buffer()).await.ok()?;
    let texts = texts(&Uint8Array::new(&bytes).to_vec()).ok()?;
    recipe::read(&texts).map(told)
}

fn told(recipe: recipe::Recipe) -> Recipe {
    let small = |value: usize| u32::try_from(value).ok();
    let mut lost = recipe.lost;
    // The page has no field for these.
    if let Some(skip) = recipe.clip_skip.filter(|skip| *skip > 0) {
        lost.push(messages::setting(setting_name("Clip skip"), (skip + 1).to_string()));
    }
    if let Some(eta) = recipe.eta.filter(|eta| *eta != 0.0) {
        lost.push(messages::setting(setting_name("Eta"), eta.to_string()));
    }
    Recipe {
        prompt: recipe.prompt,
        negative_prompt: recipe.negative_prompt,
        num_inference_steps: recipe.num_inference_steps.and_then(small),
        guidance_scale: recipe.guidance_scale,
        seed: recipe.seed.map(|seed| seed.to_string()),
        scheduler: recipe.scheduler.map(|scheduler| scheduler.to_string()),
        size: recipe.width.zip(recipe.height).and_then(|(w, h)| Some([small(w)?, small(h)?])),
        model: recipe.model.map(|model| ModelName {
            name: model.name,
            place: model.place,
            fingerprint: model.fingerprint,
        }),
        strength: recipe.start.as_ref().map(|start| start.strength),
        padding: recipe.start.and_then(|start| start.padding),
        lost,
    }
}
