//! Init image and mask of a request, and scores of the result.

use serde::{Deserialize, Serialize};

use super::Shared;
use crate::image::RgbImage;

/// The picture that a run begins with, and its mask.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Start {
    /// The picture, already of the size that is asked for; the alpha channel is not looked at.
    #[cfg_attr(test, ts(type = "Pixels"))]
    pub image: Shared<Pixels>,
    /// A byte for each pixel, `[height, width]`: 255 is painted anew, 0 stays as it is. Absent: all of
    /// the picture is changed.
    #[serde(default)]
    #[cfg_attr(test, ts(type = "Uint8Array<ArrayBuffer> | undefined"))]
    pub mask: Option<serde_bytes::ByteBuf>,
}

/// How near one picture is to another.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Score {
    /// The part of pixels that are equal but for a little, 0..=1.
    pub pixel_accuracy: f64,
    /// Peak signal-to-noise ratio, dB; infinite for equal pictures.
    pub psnr: f64,
    /// Structural similarity, −1..=1.
    pub ssim: f64,
}

/// How near a completed picture is to the true one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Scores {
    /// Inside the mask.
    pub inside: Score,
    /// Of the whole picture.
    pub overall: Score,
}

/// An RGBA picture, `[height, width, 4]`, row by row.
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
    /// Returns a picture with an opaque alpha channel.
    pub fn of(image: &RgbImage) -> Self {
        Pixels { width: image.width as u32, height: image.height as u32, rgba: image.to_rgba() }
    }
}
