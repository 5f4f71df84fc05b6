//! Generation metadata of image files.

use js_sys::Uint8Array;
use wasm_bindgen_futures::JsFuture;

use crate::app::message::PickedFile;
use crate::app::protocol::{ImageMetadata, ModelName, Response, VaeName};
use crate::image::texts;
use crate::params::NamedHash;
use crate::pipeline::metadata::{self, GenerationMetadata, ModelIdentity};

/// Size of the largest file that is read, bytes.
const MAX_BYTES: f64 = 64e6;

/// Answers [`ReadMetadata`](crate::app::protocol::Command::ReadMetadata).
///
/// `is_sdxl`: whether the loaded model is of the SDXL family.
pub async fn read_metadata(files: &[PickedFile], is_sdxl: bool) -> Response {
    let metadata = match files.first() {
        Some((_, file)) => read(file).await.map(|found| to_wire(found.for_model(is_sdxl))),
        None => None,
    };
    Response::Metadata { metadata: metadata.map(Box::new) }
}

/// Reads the metadata; of a `.txt` file, the text of another program. `None` if the file is no PNG,
/// JPEG or WebP, is unreadable or has no metadata.
async fn read(file: &web_sys::File) -> Option<GenerationMetadata> {
    if file.size() > MAX_BYTES {
        return None;
    }
    let bytes = JsFuture::from(file.array_buffer()).await.ok()?;
    let bytes = Uint8Array::new(&bytes).to_vec();
    if file.name().ends_with(".txt") {
        return metadata::read_pasted(std::str::from_utf8(&bytes).ok()?);
    }
    let texts = texts(&bytes).ok()?;
    metadata::read(&texts)
}

/// Converts the identity of a model and of the autoencoder in place of its own.
pub fn model_name(model: ModelIdentity, vae: Option<NamedHash>) -> ModelName {
    let ModelIdentity { name, place, fingerprint } = model;
    let vae = vae.map(|NamedHash { name, hash }| VaeName { name, hash });
    ModelName { name, place, fingerprint, vae }
}

fn to_wire(found: GenerationMetadata) -> ImageMetadata {
    let GenerationMetadata { params, model, vae, adapters, embeddings, unsupported, .. } = found;
    let embeddings = embeddings.into_iter().map(|embedding| embedding.name).collect();
    // The text of another program may name the autoencoder alone.
    let model = match (model, vae) {
        (None, None) => None,
        (model, vae) => Some(model_name(model.unwrap_or_default(), vae)),
    };
    ImageMetadata { params, model, adapters, embeddings, lost: unsupported }
}
