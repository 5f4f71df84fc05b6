//! Init image and mask as the store has them: PNG files, a fraction of the pixels.

use js_sys::Uint8Array;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use wasm_bindgen::JsValue;

use super::file::PngFile;
use crate::app::message::{from_js, to_js};
use crate::app::page::surface::Surface;
use crate::app::protocol::{Pixels, Start};
use crate::error::Result;

/// A [`Start`] whose pixels are PNG files.
#[derive(Serialize, Deserialize)]
struct Packed {
    image_png: ByteBuf,
    mask_png: Option<ByteBuf>,
}

/// Packs init image and mask; returns how many bytes they take then.
pub async fn pack(start: &Start) -> Result<(JsValue, f64)> {
    let Start { image, mask } = start;
    let mask_png = match mask {
        Some(mask) => Some(png(&grey(image.width, image.height, mask)).await?),
        None => None,
    };
    let packed = Packed { image_png: png(image).await?, mask_png };
    let bytes = packed.image_png.len() + packed.mask_png.as_ref().map_or(0, |png| png.len());
    Ok((to_js(&packed)?, bytes as f64))
}

/// Does the opposite of [`pack`].
pub async fn unpack(value: JsValue) -> Result<Start> {
    let Packed { image_png, mask_png } = from_js(value)?;
    let image = pixels(&image_png).await?.into();
    let mask = match mask_png {
        // Grey: any of its three channels.
        Some(png) => Some(pixels(&png).await?.rgba.into_iter().step_by(4).collect::<Vec<_>>()),
        None => None,
    };
    Ok(Start { image, mask: mask.map(ByteBuf::from) })
}

async fn png(pixels: &Pixels) -> Result<ByteBuf> {
    let surface = Surface::new((pixels.width, pixels.height))?;
    surface.write(pixels, 0, 0)?;
    let file = PngFile::of(surface.png().await?)?;
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
