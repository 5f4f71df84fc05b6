//! How a picture was made, read from its file.

use js_sys::Uint8Array;
use wasm_bindgen_futures::JsFuture;

use crate::app::message::PickedFile;
use crate::app::protocol::{ModelName, Recipe, Response};
use crate::image::texts;
use crate::pipeline::metadata::{self, ModelIdentity};

/// Nobody's picture is larger, bytes.
const LARGEST: f64 = 64e6;

/// Answers [`ReadMetadata`](crate::app::protocol::Command::ReadMetadata).
pub async fn read_metadata(files: &[PickedFile]) -> Response {
    let recipe = match files.first() {
        Some((_, file)) => read(file).await,
        None => None,
    };
    Response::Metadata { recipe }
}

/// What is no PNG, or cannot be read, tells nothing.
async fn read(file: &web_sys::File) -> Option<Recipe> {
    if file.size() > LARGEST {
        return None;
    }
    let bytes = JsFuture::from(file.array_buffer()).await.ok()?;
    let texts = texts(&Uint8Array::new(&bytes).to_vec()).ok()?;
    metadata::read(&texts).map(told)
}

fn told(found: metadata::GenerationMetadata) -> Recipe {
    let metadata::GenerationMetadata { params, model, unsupported, .. } = found;
    let model = model.map(|ModelIdentity { name, place, fingerprint }| ModelName {
        name,
        place,
        fingerprint,
    });
    Recipe { params, model, lost: unsupported }
}
