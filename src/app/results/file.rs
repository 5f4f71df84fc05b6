//! A PNG file in the browser's hands, outside of the program's memory.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, CanvasRenderingContext2d, HtmlCanvasElement, ImageBitmap, ImageData, Url,
};

use crate::app::dom::{make, thrown, window};
use crate::error::{Error, Result};

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
        let blob = blob.map_err(|error| thrown("the picture cannot be kept", &error))?;
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
        let (width, height) = (bitmap.width(), bitmap.height());
        let canvas: HtmlCanvasElement = make("canvas", "")?.unchecked_into();
        canvas.set_width(width);
        canvas.set_height(height);
        let context: CanvasRenderingContext2d = canvas
            .get_context("2d")
            .map_err(failed)?
            .ok_or(Error::Internal { reason: "the picture cannot be read".into() })?
            .unchecked_into();
        context.draw_image_with_image_bitmap(&bitmap, 0.0, 0.0).map_err(failed)?;
        bitmap.close();
        context.get_image_data(0.0, 0.0, f64::from(width), f64::from(height)).map_err(failed)
    }
}

impl Drop for PngFile {
    fn drop(&mut self) {
        let _ = Url::revoke_object_url(&self.url);
    }
}
