//! Inpainting mask.

use std::borrow::Cow;

use super::raster::Raster;
use super::region::Region;
use super::rgb_image::RgbImage;
use crate::error::{Error, Result, messages};

/// A mask: white pixels are repainted, black ones do not change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask {
    width: usize,
    height: usize,
    /// `[h, w]`, 0 or 255.
    values: Vec<u8>,
}

/// Minimum value of a white pixel (diffusers: at least half).
const THRESHOLD: u8 = 128;

impl Mask {
    /// Value of a pixel that is repainted.
    pub const WHITE: u8 = 255;
    /// Value of a pixel that does not change.
    pub const BLACK: u8 = 0;

    /// Creates a mask from one byte for each pixel, `[h, w]`; at least 128 is white.
    ///
    /// # Errors
    /// If there are no bytes, or their number does not match the size.
    pub fn new(width: usize, height: usize, bytes: &[u8]) -> Result<Self> {
        if bytes.is_empty() || width.checked_mul(height) != Some(bytes.len()) {
            let reason = messages::bytes_do_not_fill(bytes.len(), width, height);
            return Err(Error::Image { action: "read", reason });
        }
        Ok(Mask { width, height, values: bytes.iter().map(|&byte| binary(byte)).collect() })
    }

    /// Creates a mask from the brightness of an image.
    ///
    /// # Errors
    /// If the image has no pixels, or their number does not match its size.
    pub fn from_image(image: &RgbImage) -> Result<Self> {
        let Raster { width, height, pixels } = image.raster()?;
        let values = pixels.iter().map(|pixel| binary(luminance(*pixel))).collect();
        Ok(Mask { width, height, values })
    }

    /// Creates a white mask.
    pub fn white(width: usize, height: usize) -> Self {
        Mask { width, height, values: vec![Mask::WHITE; width * height] }
    }

    /// Creates a black mask.
    pub fn black(width: usize, height: usize) -> Self {
        Mask { width, height, values: vec![Mask::BLACK; width * height] }
    }

    /// Returns width and height.
    pub fn size(&self) -> [usize; 2] {
        [self.width, self.height]
    }

    /// Returns all pixels, `[h, w]`, 0 or 255.
    pub fn values(&self) -> &[u8] {
        &self.values
    }

    /// Returns all pixels, to be set to [`Mask::WHITE`] or [`Mask::BLACK`].
    pub(super) fn values_mut(&mut self) -> &mut [u8] {
        &mut self.values
    }

    /// Returns whether the whole mask is black.
    pub fn is_black(&self) -> bool {
        self.values.iter().all(|&value| value == Mask::BLACK)
    }

    /// Returns the white part and its surroundings: `padding` pixels around it, then extended to
    /// the aspect ratio of `width` × `height` if there is room; `None` if the mask is black.
    /// Follows `VaeImageProcessor.get_crop_region`.
    pub fn region(&self, size: [usize; 2], padding: usize) -> Option<Region> {
        white_region(&self.values, self.size(), size, padding)
    }

    /// Composes `painted` (white) and `original` (black).
    ///
    /// # Errors
    /// If one of them has another size.
    pub fn compose(&self, painted: &RgbImage, original: &RgbImage) -> Result<RgbImage> {
        let (painted, original) = (painted.raster()?, original.raster()?);
        for raster in [&painted, &original] {
            if [raster.width, raster.height] != self.size() {
                let reason =
                    messages::mask_differs(raster.width, raster.height, self.width, self.height);
                return Err(Error::Image { action: "fitted", reason });
            }
        }
        let both = painted.pixels.iter().zip(original.pixels.iter());
        let choose = |(value, (painted, original)): (&u8, (&[u8; 3], &[u8; 3]))| match *value {
            Mask::BLACK => *original,
            _ => *painted,
        };
        let pixels = self.values.iter().zip(both).map(choose).collect();
        Ok(Raster::owned(self.width, self.height, pixels).into())
    }

    /// Returns the part in `region`.
    ///
    /// # Errors
    /// If the region is not inside the mask.
    pub fn crop(&self, region: Region) -> Result<Self> {
        if !region.fits(self.width, self.height) {
            let reason = messages::part_outside_mask();
            return Err(Error::Image { action: "fitted", reason });
        }
        Ok(self.raster()?.crop(region).into())
    }

    /// Borrows the pixels for cropping and resizing.
    ///
    /// # Errors
    /// If there are none.
    pub(super) fn raster(&self) -> Result<Raster<'_, 1>> {
        let Mask { width, height, values } = self;
        if values.is_empty() {
            let reason = messages::values_do_not_fill(0_usize, *width, *height);
            return Err(Error::Image { action: "fitted", reason });
        }
        let pixels = Cow::Borrowed(values.as_chunks::<1>().0);
        Ok(Raster { width: *width, height: *height, pixels })
    }
}

/// Thresholds values between black and white as [`Mask::new`] does.
impl From<Raster<'_, 1>> for Mask {
    fn from(raster: Raster<'_, 1>) -> Self {
        let Raster { width, height, pixels } = raster;
        Mask { width, height, values: pixels.iter().map(|[value]| binary(*value)).collect() }
    }
}

/// Returns the part of a mask of size `own` that is not black, and its surroundings
/// ([`Mask::region`]). `values`: `[h, w]`.
pub(super) fn white_region(
    values: &[u8],
    own: [usize; 2],
    [width, height]: [usize; 2],
    padding: usize,
) -> Option<Region> {
    let rows = values.chunks_exact(own[0]);
    let row = |row: &[u8]| row.iter().any(|&value| value != 0);
    let column = |x: usize| rows.clone().any(|row| row[x] != 0);
    let (top, bottom) = (rows.clone().position(row)?, rows.clone().rposition(row)?);
    let left = (0..own[0]).position(column)?;
    let right = (0..own[0]).rposition(column)?;
    let padded = |first: usize, last: usize, size: usize| {
        [first.saturating_sub(padding), (last + 1).saturating_add(padding).min(size)]
    };
    let mut x = padded(left, right, own[0]);
    let mut y = padded(top, bottom, own[1]);
    let (wide, high) = (x[1] - x[0], y[1] - y[0]);
    let ratio = width as f64 / height as f64;
    if wide as f64 / high as f64 > ratio {
        y = widened(y, (wide as f64 / ratio - high as f64) as usize, own[1]);
    } else {
        x = widened(x, (high as f64 * ratio - wide as f64) as usize, own[0]);
    }
    Some(Region { x: x[0], y: y[0], width: x[1] - x[0], height: y[1] - y[0] })
}

fn binary(value: u8) -> u8 {
    if value >= THRESHOLD { Mask::WHITE } else { Mask::BLACK }
}

/// Extends a span by `more` pixels at both ends. If one end has no room, the other end gets the
/// rest.
fn widened([start, end]: [usize; 2], more: usize, size: usize) -> [usize; 2] {
    let len = end - start + more;
    let before = more / 2;
    let start = start as i64 - before as i64;
    let start = start.min(size as i64 - len as i64).max(0) as usize;
    [start, (start + len).min(size)]
}

/// Returns the ITU-R 601-2 luma, rounded as Pillow does (`convert("L")`).
fn luminance([r, g, b]: [u8; 3]) -> u8 {
    let sum = u32::from(r) * 19595 + u32::from(g) * 38470 + u32::from(b) * 7471 + 0x8000;
    (sum >> 16) as u8
}
