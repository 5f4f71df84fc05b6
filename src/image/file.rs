//! Image files of several formats.

use super::exif::Exif;
use super::format::{is_jpeg, is_webp};
use super::orientation::Orientation;
use super::png;
use super::rgb_image::RgbImage;
use crate::error::Result;

/// Returns the pairs of keyword and text of a PNG, without decoding its pixels. Texts that are too
/// long, or behind damaged data, are omitted. Of a JPEG or WebP, returns the EXIF comment with the
/// keyword `parameters`: programs that write both formats write the same text there.
///
/// # Errors
/// If it begins as a PNG and is none.
pub fn texts(bytes: &[u8]) -> Result<Vec<(String, String)>> {
    if is_jpeg(bytes) || is_webp(bytes) {
        let comment = Exif::of_file(bytes).and_then(|exif| exif.user_comment());
        return Ok(comment.into_iter().map(|text| ("parameters".to_string(), text)).collect());
    }
    png::texts(bytes)
}

/// Decoding of a WebP by the browser. Chromium ignores its orientation, other browsers may turn it:
/// the file that they decode has none, and the image is turned here.
#[derive(Debug, Clone, Copy)]
pub struct WebpOrientation(Orientation);

impl WebpOrientation {
    /// Takes the orientation out of a WebP file.
    pub fn take(bytes: &mut [u8]) -> Self {
        let orientation = Orientation::from_exif(Exif::of_file(bytes));
        Exif::reset_orientation_of_webp(bytes);
        WebpOrientation(orientation)
    }

    /// Returns the upright image of a decoded one.
    pub fn apply(self, image: RgbImage) -> RgbImage {
        self.0.apply(image)
    }
}
