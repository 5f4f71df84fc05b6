//! 8-bit RGB image.

use std::borrow::Cow;

use super::raster::Raster;
use super::transparency::Transparency;
use crate::error::{Error, Result, messages};

/// An image in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RgbImage {
    /// Pixels per row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `[h, w, 3]`, from the top left.
    pub pixels: Vec<u8>,
}

impl RgbImage {
    /// Creates an image from values between 0 and 1, `[h, w, 3]`. Rounds half to even as diffusers
    /// does; other values are clamped.
    ///
    /// # Errors
    /// If the number of values does not match the size.
    pub fn from_unit_floats(width: usize, height: usize, values: &[f32]) -> Result<Self> {
        if Some(values.len()) != area(width, height, 3) {
            let reason = messages::values_do_not_fill(values.len(), width, height);
            return Err(Error::Image { action: "written", reason });
        }
        // `as` saturates to 0..=255.
        let pixels = values.iter().map(|value| (value * 255.0).round_ties_even() as u8).collect();
        Ok(RgbImage { width, height, pixels })
    }

    /// Creates an image from `[h, w, 4]`, in place.
    ///
    /// # Errors
    /// If there are no bytes, or their number does not match the size.
    pub fn from_rgba(
        width: usize,
        height: usize,
        mut rgba: Vec<u8>,
        transparency: Transparency,
    ) -> Result<Self> {
        if rgba.is_empty() || Some(rgba.len()) != area(width, height, 4) {
            let reason = messages::bytes_do_not_fill(rgba.len(), width, height);
            return Err(Error::Image { action: "read", reason });
        }
        for pixel in 0..rgba.len() / 4 {
            let [r, g, b, alpha] = [0, 1, 2, 3].map(|channel| rgba[pixel * 4 + channel]);
            rgba[pixel * 3..pixel * 3 + 3].copy_from_slice(&transparency.apply([r, g, b, alpha]));
        }
        rgba.truncate(rgba.len() / 4 * 3);
        rgba.shrink_to_fit();
        Ok(RgbImage { width, height, pixels: rgba })
    }

    /// Returns the pixels with an opaque alpha channel, `[h, w, 4]`.
    pub fn to_rgba(&self) -> Vec<u8> {
        let mut rgba = Vec::with_capacity(self.pixels.len() / 3 * 4);
        for [r, g, b] in self.pixels.as_chunks::<3>().0 {
            rgba.extend_from_slice(&[*r, *g, *b, u8::MAX]);
        }
        rgba
    }

    /// Returns whether there are pixels, and as many as the size needs.
    pub fn is_whole(&self) -> bool {
        !self.pixels.is_empty() && Some(self.pixels.len()) == area(self.width, self.height, 3)
    }

    /// Borrows the pixels for cropping and resizing.
    ///
    /// # Errors
    /// If there are no pixels, or their number does not match the size.
    pub(super) fn raster(&self) -> Result<Raster<'_, 3>> {
        let RgbImage { width, height, pixels } = self;
        if !self.is_whole() {
            let reason = messages::values_do_not_fill(pixels.len(), *width, *height);
            return Err(Error::Image { action: "fitted", reason });
        }
        let pixels = Cow::Borrowed(pixels.as_chunks::<3>().0);
        Ok(Raster { width: *width, height: *height, pixels })
    }
}

impl From<Raster<'_, 3>> for RgbImage {
    fn from(raster: Raster<'_, 3>) -> Self {
        let Raster { width, height, pixels } = raster;
        RgbImage { width, height, pixels: pixels.into_owned().into_flattened() }
    }
}

fn area(width: usize, height: usize, channels: usize) -> Option<usize> {
    width.checked_mul(height)?.checked_mul(channels)
}
