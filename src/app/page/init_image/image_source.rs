//! Sources of init images and masks.

use wasm_bindgen::JsValue;
use web_sys::File;

use super::super::canvas::image_data;
use crate::app::protocol::{Pixels, Shared};
use crate::error::Result;

/// A file or pixels.
#[derive(Clone)]
pub enum ImageSource {
    /// An image file.
    File(File),
    /// Pixels of a result or of its init image.
    Pixels(Shared<Pixels>),
}

impl ImageSource {
    /// Returns the value that is posted to the worker.
    pub fn data(&self) -> Result<JsValue> {
        Ok(match self {
            ImageSource::File(file) => file.into(),
            ImageSource::Pixels(pixels) => image_data(pixels)?.into(),
        })
    }
}

/// Returns whether a file is an image, by its type or, if the system knows no type, by its
/// extension.
pub fn is_picture(file: &File) -> bool {
    const ENDS: [&str; 9] =
        [".png", ".jpg", ".jpeg", ".webp", ".avif", ".gif", ".bmp", ".heic", ".jxl"];
    let (kind, name) = (file.type_(), file.name().to_lowercase());
    kind.starts_with("image/") || (kind.is_empty() && ENDS.iter().any(|end| name.ends_with(end)))
}
