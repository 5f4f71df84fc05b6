//! Which part of a picture is painted anew.

use super::raster::Raster;
use super::region::Region;
use super::rgb_image::RgbImage;
use crate::error::{Error, Result, messages};

/// A mask: white pixels are painted anew, black ones stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask {
    width: usize,
    height: usize,
    /// `[h, w]`, 0 or 255.
    values: Vec<u8>,
}

/// A pixel of at least this is white (diffusers: at least half).
const WHITE: u8 = 128;

impl Mask {
    /// From a byte a pixel, `[h, w]`; at least 128 is white.
    ///
    /// # Errors
    /// If there are no bytes, or more or fewer than the size asks for.
    pub fn new(width: usize, height: usize, bytes: &[u8]) -> Result<Self> {
        if bytes.is_empty() || width.checked_mul(height) != Some(bytes.len()) {
            let reason = messages::bytes_do_not_fill(bytes.len(), width, height);
            return Err(Error::Image { action: "read", reason });
        }
        let values = bytes.iter().map(|&byte| if byte >= WHITE { u8::MAX } else { 0 }).collect();
        Ok(Mask { width, height, values })
    }

    /// From a picture: where it is bright.
    ///
    /// # Errors
    /// If the picture has no pixels, or others than its size says.
    pub fn from_image(image: &RgbImage) -> Result<Self> {
        let Raster { width, height, pixels } = image.raster()?;
        let bytes: Vec<u8> = pixels.into_iter().map(luminance).collect();
        Mask::new(width, height, &bytes)
    }

    /// All white.
    pub fn white(width: usize, height: usize) -> Self {
        Mask { width, height, values: vec![u8::MAX; width * height] }
    }

    /// Columns and rows.
    pub fn size(&self) -> [usize; 2] {
        [self.width, self.height]
    }

    /// `[h, w]`, 0 or 255.
    pub fn values(&self) -> &[u8] {
        &self.values
    }

    /// Nothing is painted anew.
    pub fn is_black(&self) -> bool {
        self.values.iter().all(|&value| value == 0)
    }

    /// What is painted anew and its surroundings: `padding` pixels around it, then as much as makes it the
    /// shape of a picture of `width` × `height`, where there is room. `None` if nothing is painted anew.
    /// Follows `VaeImageProcessor.get_crop_region`.
    pub fn region(&self, [width, height]: [usize; 2], padding: usize) -> Option<Region> {
        let rows = self.values.chunks_exact(self.width);
        let row = |row: &[u8]| row.iter().any(|&value| value != 0);
        let column = |x: usize| rows.clone().any(|row| row[x] != 0);
        let (top, bottom) = (rows.clone().position(row)?, rows.clone().rposition(row)?);
        let left = (0..self.width).position(column)?;
        let right = (0..self.width).rposition(column)?;
        let padded = |first: usize, last: usize, size: usize| {
            [first.saturating_sub(padding), (last + 1).saturating_add(padding).min(size)]
        };
        let mut x = padded(left, right, self.width);
        let mut y = padded(top, bottom, self.height);
        let (wide, high) = (x[1] - x[0], y[1] - y[0]);
        let ratio = width as f64 / height as f64;
        if wide as f64 / high as f64 > ratio {
            y = widened(y, (wide as f64 / ratio - high as f64) as usize, self.height);
        } else {
            x = widened(x, (high as f64 * ratio - wide as f64) as usize, self.width);
        }
        Some(Region { x: x[0], y: y[0], width: x[1] - x[0], height: y[1] - y[0] })
    }

    /// `painted` where it is white, `original` where it is black.
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
        let both = painted.pixels.into_iter().zip(original.pixels);
        let choose = |(value, (painted, original))| if value == 0 { original } else { painted };
        let pixels = self.values.iter().copied().zip(both).map(choose).collect();
        Ok(Raster { width: self.width, height: self.height, pixels }.into())
    }

    /// The part in `region`.
    ///
    /// # Errors
    /// If it does not lie inside.
    pub fn crop(&self, region: Region) -> Result<Self> {
        if !region.fits(self.width, self.height) {
            let reason = messages::part_outside_mask();
            return Err(Error::Image { action: "fitted", reason });
        }
        Ok(self.raster()?.crop(region).into())
    }

    /// To be cut and resized.
    pub(super) fn raster(&self) -> Result<Raster<1>> {
        let pixels = self.values.as_chunks::<1>().0.to_vec();
        Ok(Raster { width: self.width, height: self.height, pixels })
    }
}

/// Between black and white: as [`Mask::new`].
impl From<Raster<1>> for Mask {
    fn from(raster: Raster<1>) -> Self {
        let Raster { width, height, pixels } = raster;
        let white = |[value]: [u8; 1]| if value >= WHITE { u8::MAX } else { 0 };
        Mask { width, height, values: pixels.into_iter().map(white).collect() }
    }
}

/// `more` pixels added to both ends of a span; what has no room at one end goes to the other.
fn widened([start, end]: [usize; 2], more: usize, size: usize) -> [usize; 2] {
    let len = end - start + more;
    let before = more / 2;
    let start = start as i64 - before as i64;
    let start = start.min(size as i64 - len as i64).max(0) as usize;
    [start, (start + len).min(size)]
}

/// ITU-R 601-2 luma, rounded as Pillow does (`convert("L")`).
fn luminance([r, g, b]: [u8; 3]) -> u8 {
    let sum = u32::from(r) * 19595 + u32::from(g) * 38470 + u32::from(b) * 7471 + 0x8000;
    (sum >> 16) as u8
}
