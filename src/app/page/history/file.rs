//! PNG file stored by the browser, outside WebAssembly's memory.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, ImageBitmap, ImageData, Url};

use super::super::canvas::Canvas;
use crate::app::dom::{thrown, window};
use crate::error::Result;

/// A PNG file with an object URL that is valid for the lifetime of this value.
pub struct PngFile {
    blob: Blob,
    url: String,
}

impl PngFile {
    /// Creates a file from its bytes.
    pub fn new(bytes: &Uint8Array) -> Result<Self> {
        let properties = BlobPropertyBag::new();
        properties.set_type("image/png");
        let blob = Blob::new_with_u8_array_sequence_and_options(&Array::of1(bytes), &properties);
        Self::from_blob(blob.map_err(|error| thrown("the picture cannot be kept", &error))?)
    }

    /// Creates a file from a blob.
    pub fn from_blob(blob: Blob) -> Result<Self> {
        let url = Url::create_object_url_with_blob(&blob)
            .map_err(|error| thrown("the picture cannot be kept", &error))?;
        Ok(PngFile { blob, url })
    }

    /// Returns its object URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns its length, bytes.
    pub fn len(&self) -> f64 {
        self.blob.size()
    }

    /// Reads its bytes.
    pub async fn bytes(&self) -> Result<Uint8Array> {
        let bytes = JsFuture::from(self.blob.array_buffer()).await;
        let bytes = bytes.map_err(|error| thrown("the picture cannot be read", &error))?;
        Ok(Uint8Array::new(&bytes))
    }

    /// Decodes its pixels.
    pub async fn pixels(&self) -> Result<ImageData> {
        let failed = |error| thrown("the picture cannot be read", &error);
        let bitmap = window()?.create_image_bitmap_with_blob(&self.blob).map_err(failed)?;
        let bitmap: ImageBitmap = JsFuture::from(bitmap).await.map_err(failed)?.unchecked_into();
        let canvas = Canvas::new((bitmap.width(), bitmap.height()))?;
        let drawn = canvas.draw_bitmap_at(&bitmap, 0, 0);
        bitmap.close();
        drawn.and_then(|()| canvas.image_data())
    }
}

impl Drop for PngFile {
    fn drop(&mut self) {
        let _ = Url::revoke_object_url(&self.url);
    }
}
