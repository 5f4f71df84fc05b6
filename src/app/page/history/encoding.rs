//! Storage format of init image and mask: PNG.

use js_sys::Uint8Array;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use wasm_bindgen::JsValue;

use super::super::canvas::Canvas;
use super::file::PngFile;
use crate::app::message::{from_js, to_js};
use crate::app::protocol::{InitImagePixels, Pixels};
use crate::error::Result;

/// A [`InitImagePixels`] with PNG files instead of pixels.
#[derive(Serialize, Deserialize)]
struct EncodedInitImage {
    image_png: ByteBuf,
    mask_png: Option<ByteBuf>,
}

/// Encodes init image and mask; also returns their size in bytes.
pub async fn encode(init_image: &InitImagePixels) -> Result<(JsValue, f64)> {
    let InitImagePixels { image, mask } = init_image;
    let mask_png = match mask {
        Some(mask) => Some(png(&grey(image.width, image.height, mask)).await?),
        None => None,
    };
    let encoded = EncodedInitImage { image_png: png(image).await?, mask_png };
    let bytes = encoded.image_png.len() + encoded.mask_png.as_ref().map_or(0, |png| png.len());
    Ok((to_js(&encoded)?, bytes as f64))
}

/// Decodes the result of [`encode`].
pub async fn decode(value: JsValue) -> Result<InitImagePixels> {
    let EncodedInitImage { image_png, mask_png } = from_js(value)?;
    let image = pixels(&image_png).await?.into();
    let mask = match mask_png {
        // All three channels are equal.
        Some(png) => Some(pixels(&png).await?.rgba.into_iter().step_by(4).collect::<Vec<_>>()),
        None => None,
    };
    Ok(InitImagePixels { image, mask: mask.map(ByteBuf::from) })
}

async fn png(pixels: &Pixels) -> Result<ByteBuf> {
    let canvas = Canvas::new((pixels.width, pixels.height))?;
    canvas.write(pixels, 0, 0)?;
    let file = PngFile::from_blob(canvas.png().await?)?;
    Ok(ByteBuf::from(file.bytes().await?.to_vec()))
}

async fn pixels(png: &[u8]) -> Result<Pixels> {
    let image = PngFile::new(&Uint8Array::from(png))?.pixels().await?;
    Ok(Pixels { width: image.width(), height: image.height(), rgba: image.data().0 })
}

fn grey(width: u32, height: u32, values: &[u8]) -> Pixels {
    let rgba = values.iter().flat_map(|value| [*value, *value, *value, u8::MAX]).collect();
    Pixels { width, height, rgba }
}
