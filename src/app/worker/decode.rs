//! Decoding of a picture as diffusers' `load_image` does.
//!
//! A PNG is read by the crate's own decoder, so that every browser and the terminal get the same pixels. For
//! other formats the browser is asked: upright by EXIF, without colour conversion, alpha dropped, as Pillow
//! does. Measured in Chromium, opaque JPEG, WebP, BMP and GIF files then have Pillow's pixels to the byte;
//! another browser's JPEG decoder may differ. Where a pixel is not opaque, a canvas keeps its colour only
//! as far as its alpha goes.

use js_sys::{Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, CanvasRenderingContext2d, ImageBitmap, ImageBitmapOptions, ImageData, OffscreenCanvas,
    WorkerGlobalScope,
};

use crate::app::event_loop::Pauses;
use crate::error::{Error, Message, Result, messages};
use crate::image::{PngDecoding, RgbImage, is_png};

/// Pixels of the largest picture that is taken, as in the crate's PNG decoder.
const MOST_PIXELS: u64 = 1 << 26;

/// Bytes of the largest file that can hold so many, without compression.
const MOST_BYTES: f64 = (8 << 26) as f64;

/// A side of what is read from a canvas at once; every browser has one as large.
const TILE: u32 = 2048;

/// Reads a `Blob`, an `ImageData` or an `ImageBitmap` at its own size; `None` if `is_given_up` says after a
/// pause that it is not wanted any more.
///
/// # Errors
/// If it is no picture, is damaged or is too large.
pub async fn decode(
    picture: &JsValue,
    pauses: &mut Pauses,
    is_given_up: impl Fn() -> bool,
) -> Result<Option<RgbImage>> {
    if let Some(data) = picture.dyn_ref::<ImageData>() {
        let [width, height] = [data.width(), data.height()];
        check([width, height])?;
        return RgbImage::from_rgba(width as usize, height as usize, data.data().0).map(Some);
    }
    if let Some(bitmap) = picture.dyn_ref::<ImageBitmap>() {
        return drawn(bitmap, pauses, is_given_up).await;
    }
    let blob: &Blob = picture.dyn_ref().ok_or_else(|| unread(messages::no_picture()))?;
    let head = blob.slice_with_f64_and_f64(0.0, 8.0).map_err(not_a_picture)?;
    if is_png(&bytes(&head).await?) {
        if blob.size() > MOST_BYTES {
            return Err(unread(messages::picture_too_large()));
        }
        let bytes = bytes(blob).await?;
        let mut decoding = PngDecoding::new(&bytes)?;
        while decoding.step()? {
            if pauses.pause().await && is_given_up() {
                return Ok(None);
            }
        }
        return Ok(Some(decoding.finish()?.0));
    }
    let bitmap = bitmap(blob).await?;
    let image = drawn(&bitmap, pauses, is_given_up).await;
    bitmap.close();
    image
}

/// Returns the bytes of a file.
async fn bytes(file: &Blob) -> Result<Vec<u8>> {
    let buffer = JsFuture::from(file.array_buffer()).await.map_err(not_a_picture)?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

/// Lets the browser decode a file.
async fn bitmap(file: &Blob) -> Result<ImageBitmap> {
    let options = ImageBitmapOptions::new();
    for (name, value) in [
        ("imageOrientation", "from-image"),
        ("colorSpaceConversion", "none"),
        ("premultiplyAlpha", "none"),
    ] {
        let _ = Reflect::set(&options, &name.into(), &value.into());
    }
    let worker: WorkerGlobalScope =
        js_sys::global().dyn_into().map_err(|_| unread(messages::no_picture()))?;
    let decoded = worker
        .create_image_bitmap_with_blob_and_image_bitmap_options(file, &options)
        .map_err(not_a_picture)?;
    Ok(JsFuture::from(decoded).await.map_err(not_a_picture)?.unchecked_into())
}

/// Reads a bitmap's pixels in tiles, at its own scale: some browsers have no canvas for all of a large one.
async fn drawn(
    bitmap: &ImageBitmap,
    pauses: &mut Pauses,
    is_given_up: impl Fn() -> bool,
) -> Result<Option<RgbImage>> {
    let (width, height) = (bitmap.width(), bitmap.height());
    let count = check([width, height])? * 3;
    let mut pixels = Vec::new();
    pixels.try_reserve_exact(count).map_err(|_| unread(messages::picture_too_large()))?;
    pixels.resize(count, 0);
    let (columns, rows) = (width.min(TILE), height.min(TILE));
    let context = context(columns, rows)?;
    for top in (0..height).step_by(TILE as usize) {
        for left in (0..width).step_by(TILE as usize) {
            context.clear_rect(0.0, 0.0, columns.into(), rows.into());
            context
                .draw_image_with_image_bitmap(bitmap, -f64::from(left), -f64::from(top))
                .map_err(not_a_picture)?;
            let (columns, rows) = ((width - left).min(TILE), (height - top).min(TILE));
            let tile = context
                .get_image_data(0.0, 0.0, columns.into(), rows.into())
                .map_err(not_a_picture)?
                .data()
                .0;
            for (row, line) in tile.chunks_exact(columns as usize * 4).enumerate() {
                let start = ((top as usize + row) * width as usize + left as usize) * 3;
                let onto = pixels[start..start + columns as usize * 3].as_chunks_mut::<3>().0;
                for (to, [r, g, b, _]) in onto.iter_mut().zip(line.as_chunks::<4>().0) {
                    *to = [*r, *g, *b];
                }
            }
            if pauses.pause().await && is_given_up() {
                return Ok(None);
            }
        }
    }
    Ok(Some(RgbImage { width: width as usize, height: height as usize, pixels }))
}

/// Returns a canvas of this size whose pixels are read.
fn context(width: u32, height: u32) -> Result<CanvasRenderingContext2d> {
    let options = Object::new();
    // Else the pixels may lie on the GPU, where reading them is slow and, in some browsers, inexact.
    let _ = Reflect::set(&options, &"willReadFrequently".into(), &JsValue::TRUE);
    let canvas = OffscreenCanvas::new(width, height).map_err(not_a_picture)?;
    let context = canvas.get_context_with_context_options("2d", &options).map_err(not_a_picture)?;
    // That is not to be put down to the file.
    let undrawn = || Error::Internal { reason: Message::verbatim("the picture cannot be drawn") };
    let context = context.ok_or_else(undrawn)?;
    // It has the same methods as a canvas of the page, and a class of its own.
    Ok(context.unchecked_into())
}

/// Returns the number of pixels, unless there are none or too many.
fn check([width, height]: [u32; 2]) -> Result<usize> {
    let count = u64::from(width) * u64::from(height);
    match count {
        0 => Err(unread(messages::no_picture())),
        _ if count > MOST_PIXELS => Err(unread(messages::too_many_pixels(width, height))),
        _ => Ok(count as usize),
    }
}

/// What the browser says of something that it cannot read.
fn not_a_picture(error: JsValue) -> Error {
    match error.dyn_ref::<js_sys::Error>() {
        Some(error) => unread(Message::verbatim(String::from(error.message()))),
        None => unread(messages::no_picture()),
    }
}

fn unread(reason: Message) -> Error {
    Error::Image { action: "read", reason }
}
