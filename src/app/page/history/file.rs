//! A PNG file in the browser's hands, outside of the program's memory.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, ImageBitmap, ImageData, Url};

use crate::app::dom::{thrown, window};
use crate::app::page::surface::Surface;
use crate::error::Result;

/// The file, and an address of it that is valid while this value lives.
pub struct PngFile {
    blob: Blob,
    url: String,
}

impl PngFile {
    /// Takes the bytes over.
    pub fn new(bytes: &Uint8Array) -> Result<Self> {
        let properties = BlobPropertyBag::new();
        properties.set_type("image/png");
        let blob = Blob::new_with_u8_array_sequence_and_options(&Array::of1(bytes), &properties);
        Self::of(blob.map_err(|error| thrown("the picture cannot be kept", &error))?)
    }

    /// A file that the browser has made.
    pub fn of(blob: Blob) -> Result<Self> {
        let url = Url::create_object_url_with_blob(&blob)
            .map_err(|error| thrown("the picture cannot be kept", &error))?;
        Ok(PngFile { blob, url })
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its length.
    pub fn len(&self) -> f64 {
        self.blob.size()
    }

    /// Its bytes.
    pub async fn bytes(&self) -> Result<Uint8Array> {
        let bytes = JsFuture::from(self.blob.array_buffer()).await;
        let bytes = bytes.map_err(|error| thrown("the picture cannot be read", &error))?;
        Ok(Uint8Array::new(&bytes))
    }

    /// Its pixels, as they were written.
    pub async fn pixels(&self) -> Result<ImageData> {
        let failed = |error| thrown("the picture cannot be read", &error);
        let bitmap = window()?.create_image_bitmap_with_blob(&self.blob).map_err(failed)?;
        let bitmap: ImageBitmap = JsFuture::from(bitmap).await.map_err(failed)?.unchecked_into();
        let surface = Surface::new((bitmap.width(), bitmap.height()))?;
        let drawn = surface.draw_bitmap_at(&bitmap, 0, 0);
        bitmap.close();
        drawn.and_then(|()| surface.image_data())
    }
}

impl Drop for PngFile {
    fn drop(&mut self) {
        let _ = Url::revoke_object_url(&self.url);
    }
}
