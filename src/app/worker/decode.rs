//! Decoding of images, equal to diffusers' `load_image`.
//!
//! The crate's own decoder reads PNG, so that every browser and the terminal get the same pixels.
//! The browser decodes other formats: oriented by EXIF, without colour conversion, alpha dropped
//! for images, as Pillow does. Measured in Chromium, opaque JPEG, WebP, BMP and GIF files then have exactly
//! Pillow's pixels; the JPEG decoders of other browsers may differ. Where a pixel is not opaque, a
//! canvas loses colour precision with decreasing alpha.

use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, CanvasRenderingContext2d, ImageBitmap, ImageBitmapOptions, ImageData,
    OffscreenCanvas, WorkerGlobalScope,
};

use crate::app::event_loop::Pauses;
use crate::error::{Error, Message, Result, messages};
use crate::image::{PngDecoding, RgbImage, Transparency, WebpOrientation, is_png, is_webp};

/// Pixels of the largest accepted image, as in the crate's PNG decoder.
const MAX_PIXELS: u64 = 1 << 26;

/// Bytes of the largest file with that many pixels, uncompressed.
const MAX_BYTES: f64 = (8 << 26) as f64;

/// Side of the tiles that are read from a canvas; every browser supports canvases of this size.
const TILE_SIDE: u32 = 2048;

/// Decodes a `Blob`, an `ImageData` or an `ImageBitmap` at its original size. Returns `None` if
/// `is_abandoned` returns true after a pause.
///
/// # Errors
/// If it is not an image, is damaged or is too large.
pub async fn decode(
    picture: &JsValue,
    transparency: Transparency,
    pauses: &mut Pauses,
    is_abandoned: impl Fn() -> bool,
) -> Result<Option<RgbImage>> {
    if let Some(data) = picture.dyn_ref::<ImageData>() {
        let [width, height] = [data.width(), data.height()];
        pixel_count([width, height])?;
        let [width, height] = [width as usize, height as usize];
        return RgbImage::from_rgba(width, height, data.data().0, transparency).map(Some);
    }
    if let Some(bitmap) = picture.dyn_ref::<ImageBitmap>() {
        return read_bitmap(bitmap, transparency, pauses, is_abandoned).await;
    }
    let blob: &Blob = picture.dyn_ref().ok_or_else(|| image_error(messages::no_picture()))?;
    let head = blob.slice_with_f64_and_f64(0.0, 12.0).map_err(browser_error)?;
    let head = read_bytes(&head).await?;
    if is_png(&head) {
        if blob.size() > MAX_BYTES {
            return Err(image_error(messages::picture_too_large()));
        }
        let bytes = read_bytes(blob).await?;
        let mut decoding = PngDecoding::new(&bytes, transparency)?;
        while decoding.step()? {
            if pauses.pause().await && is_abandoned() {
                return Ok(None);
            }
        }
        return Ok(Some(decoding.finish()?.0));
    }
    if is_webp(&head) && blob.size() <= MAX_BYTES {
        let mut bytes = read_bytes(blob).await?;
        let orientation = WebpOrientation::take(&mut bytes);
        let bitmap = decode_bitmap(&webp(&bytes)?).await?;
        let image = read_bitmap(&bitmap, transparency, pauses, is_abandoned).await;
        bitmap.close();
        return Ok(image?.map(|image| orientation.apply(image)));
    }
    let bitmap = decode_bitmap(blob).await?;
    let image = read_bitmap(&bitmap, transparency, pauses, is_abandoned).await;
    bitmap.close();
    image
}

/// Returns a file with these bytes.
fn webp(bytes: &[u8]) -> Result<Blob> {
    let options = BlobPropertyBag::new();
    options.set_type("image/webp");
    let parts = Array::of1(&Uint8Array::from(bytes));
    Blob::new_with_u8_array_sequence_and_options(&parts, &options).map_err(browser_error)
}

/// Returns the bytes of a file.
async fn read_bytes(file: &Blob) -> Result<Vec<u8>> {
    let buffer = JsFuture::from(file.array_buffer()).await.map_err(browser_error)?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

/// Decodes a file with the browser's decoder.
async fn decode_bitmap(file: &Blob) -> Result<ImageBitmap> {
    let options = ImageBitmapOptions::new();
    for (name, value) in [
        ("imageOrientation", "from-image"),
        ("colorSpaceConversion", "none"),
        ("premultiplyAlpha", "none"),
    ] {
        let _ = Reflect::set(&options, &name.into(), &value.into());
    }
    let worker: WorkerGlobalScope =
        js_sys::global().dyn_into().map_err(|_| image_error(messages::no_picture()))?;
    let decoded = worker
        .create_image_bitmap_with_blob_and_image_bitmap_options(file, &options)
        .map_err(browser_error)?;
    Ok(JsFuture::from(decoded).await.map_err(browser_error)?.unchecked_into())
}

/// Reads a bitmap's pixels in tiles at original scale: some browsers have no canvas large enough
/// for a large image.
async fn read_bitmap(
    bitmap: &ImageBitmap,
    transparency: Transparency,
    pauses: &mut Pauses,
    is_abandoned: impl Fn() -> bool,
) -> Result<Option<RgbImage>> {
    let (width, height) = (bitmap.width(), bitmap.height());
    let count = pixel_count([width, height])? * 3;
    let mut pixels = Vec::new();
    pixels.try_reserve_exact(count).map_err(|_| image_error(messages::picture_too_large()))?;
    pixels.resize(count, 0);
    let (columns, rows) = (width.min(TILE_SIDE), height.min(TILE_SIDE));
    let context = create_context(columns, rows)?;
    for top in (0..height).step_by(TILE_SIDE as usize) {
        for left in (0..width).step_by(TILE_SIDE as usize) {
            context.clear_rect(0.0, 0.0, columns.into(), rows.into());
            context
                .draw_image_with_image_bitmap(bitmap, -f64::from(left), -f64::from(top))
                .map_err(browser_error)?;
            let (columns, rows) = ((width - left).min(TILE_SIDE), (height - top).min(TILE_SIDE));
            let tile = context
                .get_image_data(0.0, 0.0, columns.into(), rows.into())
                .map_err(browser_error)?
                .data()
                .0;
            for (row, line) in tile.chunks_exact(columns as usize * 4).enumerate() {
                let start = ((top as usize + row) * width as usize + left as usize) * 3;
                let onto = pixels[start..start + columns as usize * 3].as_chunks_mut::<3>().0;
                for (to, pixel) in onto.iter_mut().zip(line.as_chunks::<4>().0) {
                    *to = transparency.apply(*pixel);
                }
            }
            if pauses.pause().await && is_abandoned() {
                return Ok(None);
            }
        }
    }
    Ok(Some(RgbImage { width: width as usize, height: height as usize, pixels }))
}

/// Creates a canvas of this size for reading pixels, and returns its context.
fn create_context(width: u32, height: u32) -> Result<CanvasRenderingContext2d> {
    let options = Object::new();
    // Otherwise the canvas may be on the GPU, where reading is slow and, in some browsers, inexact.
    let _ = Reflect::set(&options, &"willReadFrequently".into(), &JsValue::TRUE);
    let canvas = OffscreenCanvas::new(width, height).map_err(browser_error)?;
    let context = canvas.get_context_with_context_options("2d", &options).map_err(browser_error)?;
    // A refused canvas is not the file's fault.
    let undrawn = || Error::Internal { reason: Message::verbatim("the picture cannot be drawn") };
    let context = context.ok_or_else(undrawn)?;
    // It has the same methods as the context of a canvas element, but another class.
    Ok(context.unchecked_into())
}

/// Returns the number of pixels; an error if it is zero or too large.
fn pixel_count([width, height]: [u32; 2]) -> Result<usize> {
    let count = u64::from(width) * u64::from(height);
    match count {
        0 => Err(image_error(messages::no_picture())),
        _ if count > MAX_PIXELS => Err(image_error(messages::too_many_pixels(width, height))),
        _ => Ok(count as usize),
    }
}

/// Converts an exception of the browser's decoder into an error.
fn browser_error(error: JsValue) -> Error {
    match error.dyn_ref::<js_sys::Error>() {
        Some(error) => image_error(Message::verbatim(String::from(error.message()))),
        None => image_error(messages::no_picture()),
    }
}

fn image_error(reason: Message) -> Error {
    Error::Image { action: "read", reason }
}
