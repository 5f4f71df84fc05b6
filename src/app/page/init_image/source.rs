//! What an init image or mask is read from.

use wasm_bindgen::JsValue;
use web_sys::File;

use crate::app::page::surface::image_data;
use crate::app::protocol::{Pixels, Shared};
use crate::error::Result;

/// A file, or pixels that were made here.
#[derive(Clone)]
pub enum Source {
    /// A picture file.
    File(File),
    /// A result, or the init image of one.
    Pixels(Shared<Pixels>),
}

impl Source {
    /// Returns it as it travels to the worker.
    pub fn data(&self) -> Result<JsValue> {
        Ok(match self {
            Source::File(file) => file.into(),
            Source::Pixels(pixels) => image_data(pixels)?.into(),
        })
    }
}

/// Returns whether a file is a picture by its type or, where the system knows no type, by its name.
pub fn is_picture(file: &File) -> bool {
    const ENDS: [&str; 9] =
        [".png", ".jpg", ".jpeg", ".webp", ".avif", ".gif", ".bmp", ".heic", ".jxl"];
    let (kind, name) = (file.type_(), file.name().to_lowercase());
    kind.starts_with("image/") || (kind.is_empty() && ENDS.iter().any(|end| name.ends_with(end)))
}
