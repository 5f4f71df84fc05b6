//! Reading of a picture file as diffusers' `load_image` does.
//!
//! A PNG is read by the crate's own reader, so that every browser and the terminal get the same pixels. For
//! other formats the browser is asked: upright by EXIF, without colour conversion, alpha dropped, as Pillow
//! does. Measured in Chromium, opaque JPEG, WebP, BMP and GIF files then have Pillow's pixels to the byte;
//! another browser's JPEG decoder may differ. Where a pixel is not opaque, a canvas keeps its colour only
//! as far as its alpha goes.

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File, ImageBitmap, ImageBitmapOptions};

use super::super::dom::{thrown, window};
use super::super::surface::Surface;
use crate::error::Result;
use crate::image::{RgbImage, is_png};

/// Pixels of the largest picture that is taken, as in the crate's PNG reader.
const MOST_PIXELS: u64 = 1 << 26;

/// Bytes of the largest file that can hold so many, without compression.
const MOST_BYTES: f64 = (8 << 26) as f64;

/// A side of what is read from a canvas at once; every browser has one as large.
const TILE: u32 = 2048;

/// Reads a picture at its own size; `None` if it is none, is damaged or is too large.
pub async fn read(file: &File) -> Result<Option<RgbImage>> {
    let head = file.slice_with_f64_and_f64(0.0, 8.0).map_err(unread)?;
    if is_png(&bytes(&head).await.unwrap_or_default()) {
        if file.size() > MOST_BYTES {
            return Ok(None);
        }
        let image = RgbImage::from_png(&bytes(file).await.unwrap_or_default());
        return Ok(image.ok().map(|(image, _)| image));
    }
    let Some(bitmap) = bitmap(file).await? else { return Ok(None) };
    let image = pixels(&bitmap);
    bitmap.close();
    image
}

/// Returns the bytes of a file; nothing if it is gone from the disk.
async fn bytes(file: &Blob) -> Option<Vec<u8>> {
    let buffer = JsFuture::from(file.array_buffer()).await.ok()?;
    Some(Uint8Array::new(&buffer).to_vec())
}

/// Decodes a file by the browser; `None` if that is no picture to it.
async fn bitmap(file: &File) -> Result<Option<ImageBitmap>> {
    let options = ImageBitmapOptions::new();
    for (name, value) in [
        ("imageOrientation", "from-image"),
        ("colorSpaceConversion", "none"),
        ("premultiplyAlpha", "none"),
    ] {
        let _ = Reflect::set(&options, &name.into(), &value.into());
    }
    let asked = window()?.create_image_bitmap_with_blob_and_image_bitmap_options(file, &options);
    let Ok(asked) = asked else { return Ok(None) };
    Ok(JsFuture::from(asked).await.ok().map(JsCast::unchecked_into))
}

/// Reads a bitmap's pixels in tiles, at its own scale: some browsers have no canvas for all of a large one.
/// `None` if there are too many.
fn pixels(bitmap: &ImageBitmap) -> Result<Option<RgbImage>> {
    let (width, height) = (bitmap.width(), bitmap.height());
    let mut pixels = Vec::new();
    let most = u64::from(width) * u64::from(height);
    if most > MOST_PIXELS || pixels.try_reserve_exact(most as usize * 3).is_err() {
        return Ok(None);
    }
    pixels.resize(most as usize * 3, 0);
    let canvas = Surface::new((width.min(TILE), height.min(TILE)))?;
    for top in (0..height).step_by(TILE as usize) {
        for left in (0..width).step_by(TILE as usize) {
            canvas.draw_bitmap_at(bitmap, left, top)?;
            let (columns, rows) = ((width - left).min(TILE), (height - top).min(TILE));
            let tile = canvas.pixels()?;
            let wide = tile.width as usize * 4;
            for (row, line) in tile.rgba.chunks_exact(wide).take(rows as usize).enumerate() {
                let start = ((top as usize + row) * width as usize + left as usize) * 3;
                let onto = pixels[start..start + columns as usize * 3].as_chunks_mut::<3>().0;
                for (to, [r, g, b, _]) in onto.iter_mut().zip(line.as_chunks::<4>().0) {
                    *to = [*r, *g, *b];
                }
            }
        }
    }
    Ok(Some(RgbImage { width: width as usize, height: height as usize, pixels }))
}

/// Returns whether a file is a picture by its type or, where the system knows no type, by its name.
pub fn is_picture(file: &File) -> bool {
    const ENDS: [&str; 9] =
        [".png", ".jpg", ".jpeg", ".webp", ".avif", ".gif", ".bmp", ".heic", ".jxl"];
    let (kind, name) = (file.type_(), file.name().to_lowercase());
    kind.starts_with("image/") || (kind.is_empty() && ENDS.iter().any(|end| name.ends_with(end)))
}

fn unread(error: wasm_bindgen::JsValue) -> crate::Error {
    thrown("the file cannot be read", &error)
}
