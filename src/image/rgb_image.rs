//! A picture of 8-bit RGB.

use super::raster::Raster;
use crate::error::{Error, Result, messages};

/// A picture in memory.
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
    /// Makes a picture of values between 0 and 1, `[h, w, 3]`. Rounds as diffusers does, halves to
    /// the even neighbour; what lies outside becomes black or white.
    ///
    /// # Errors
    /// If there are more or fewer values than the size asks for.
    pub fn from_unit_floats(width: usize, height: usize, values: &[f32]) -> Result<Self> {
        if Some(values.len()) != area(width, height) {
            let reason = messages::values_do_not_fill(values.len(), width, height);
            return Err(Error::Image { action: "written", reason });
        }
        // `as` keeps to 0..=255 by itself.
        let pixels = values.iter().map(|value| (value * 255.0).round_ties_even() as u8).collect();
        Ok(RgbImage { width, height, pixels })
    }

    /// Whether there are pixels, and as many as the size says.
    pub fn is_whole(&self) -> bool {
        !self.pixels.is_empty() && Some(self.pixels.len()) == area(self.width, self.height)
    }

    /// To be cut and resized.
    ///
    /// # Errors
    /// If it has no pixels, or others than its size says.
    pub(super) fn raster(&self) -> Result<Raster<3>> {
        let RgbImage { width, height, pixels } = self;
        if !self.is_whole() {
            let reason = messages::values_do_not_fill(pixels.len(), *width, *height);
            return Err(Error::Image { action: "fitted", reason });
        }
        let pixels = pixels.as_chunks::<3>().0.to_vec();
        Ok(Raster { width: *width, height: *height, pixels })
    }
}

impl From<Raster<3>> for RgbImage {
    fn from(raster: Raster<3>) -> Self {
        let Raster { width, height, pixels } = raster;
        RgbImage { width, height, pixels: pixels.into_flattened() }
    }
}

fn area(width: usize, height: usize) -> Option<usize> {
    width.checked_mul(height)?.checked_mul(3)
}
