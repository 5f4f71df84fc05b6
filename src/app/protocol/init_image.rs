//! Init image, mask and similarity scores.

use serde::{Deserialize, Serialize};

use super::Shared;
use crate::image::RgbImage;

/// Init image and mask of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct InitImagePixels {
    /// The init image at the requested size; the alpha channel is ignored.
    #[cfg_attr(test, ts(type = "Pixels"))]
    pub image: Shared<Pixels>,
    /// A byte for each pixel, `[height, width]`: 255 is inpainted, 0 is kept. Absent: the whole
    /// image changes.
    #[serde(default)]
    #[cfg_attr(test, ts(type = "Uint8Array<ArrayBuffer> | undefined"))]
    pub mask: Option<serde_bytes::ByteBuf>,
}

/// Similarity of two images.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Score {
    /// Fraction of nearly equal pixels, 0..=1.
    pub pixel_accuracy: f64,
    /// Peak signal-to-noise ratio, dB; infinite for equal images.
    pub psnr: f64,
    /// Structural similarity, −1..=1.
    pub ssim: f64,
}

/// Similarity of an inpainted image to its init image.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Scores {
    /// Inside the mask only.
    pub inside: Score,
    /// Whole image.
    pub overall: Score,
}

/// An RGBA image, `[height, width, 4]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Pixels {
    /// Pixels per row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// The bytes.
    #[serde(with = "serde_bytes")]
    #[cfg_attr(test, ts(type = "Uint8Array<ArrayBuffer>"))]
    pub rgba: Vec<u8>,
}

impl Pixels {
    /// Converts from RGB, with an opaque alpha channel.
    pub fn from_rgb(image: &RgbImage) -> Self {
        Pixels { width: image.width as u32, height: image.height as u32, rgba: image.to_rgba() }
    }
}
