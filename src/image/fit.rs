//! Pictures brought to a size without distortion (diffusers `image_processor.py`, `_resize_and_crop` and
//! `_resize_and_fill`).

use super::mask::Mask;
use super::raster::Raster;
use super::resize::Filter;
use super::rgb_image::RgbImage;
use crate::error::{Error, Result, messages};

/// What happens to a picture of another shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// It fills the size; what stands out at two sides is cut off.
    Crop,
    /// All of it is kept; its edges are continued to two sides.
    Pad,
}

impl RgbImage {
    /// In a size of `width` × `height`, its middle in the middle.
    ///
    /// # Errors
    /// If there are no pixels, here or there.
    pub fn fit(&self, width: usize, height: usize, fit: Fit) -> Result<Self> {
        check(width, height)?;
        Ok(fitted(&self.raster()?, width, height, fit).into())
    }

    /// In a size of `width` × `height`, whatever becomes of its shape.
    ///
    /// # Errors
    /// If there are no pixels, here or there.
    pub fn resize(&self, width: usize, height: usize) -> Result<Self> {
        check(width, height)?;
        Ok(self.raster()?.resized(width, height, Filter::Lanczos).into())
    }
}

impl Mask {
    /// As [`RgbImage::fit`].
    ///
    /// # Errors
    /// If there are no pixels, here or there.
    pub fn fit(&self, width: usize, height: usize, fit: Fit) -> Result<Self> {
        check(width, height)?;
        Ok(fitted(&self.raster()?, width, height, fit).into())
    }
}

fn check(width: usize, height: usize) -> Result<()> {
    if width == 0 || height == 0 || width.checked_mul(height).is_none() {
        let reason = messages::no_size(width, height);
        return Err(Error::Image { action: "fitted", reason });
    }
    Ok(())
}

fn fitted<const C: usize>(from: &Raster<C>, width: usize, height: usize, fit: Fit) -> Raster<C> {
    let ratio = width as f64 / height as f64;
    let own_ratio = from.width as f64 / from.height as f64;
    // As wide as the new size, or as high.
    let as_wide = match fit {
        Fit::Crop => ratio > own_ratio,
        Fit::Pad => ratio < own_ratio,
    };
    let as_high = match fit {
        Fit::Crop => ratio <= own_ratio,
        Fit::Pad => ratio >= own_ratio,
    };
    let new_width = if as_wide { width } else { (from.width * height / from.height).max(1) };
    let new_height = if as_high { height } else { (from.height * width / from.width).max(1) };
    let resized = from.resized(new_width, new_height, Filter::Lanczos);
    let left = (width / 2) as i64 - (new_width / 2) as i64;
    let top = (height / 2) as i64 - (new_height / 2) as i64;
    let mut canvas = Raster::black(width, height);
    canvas.paste(&resized, [left, top]);
    if fit == Fit::Pad {
        continue_edges(&mut canvas, &resized, [left, top], ratio < own_ratio);
    }
    canvas
}

/// Spreads the outermost rows of `resized`, or its outermost columns, over what is left of `canvas`. They
/// are resized from a span without length, as diffusers asks Pillow to.
fn continue_edges<const C: usize>(
    canvas: &mut Raster<C>,
    resized: &Raster<C>,
    [left, top]: [i64; 2],
    above_and_below: bool,
) {
    let (width, height) = (resized.width as f64, resized.height as f64);
    let whole = [[0.0, width], [0.0, height]];
    if above_and_below && top > 0 {
        let edge = |y: f64| {
            resized.resized_from([whole[0], [y, y]], canvas.width, top as usize, Filter::Bicubic)
        };
        let (first, last) = (edge(0.0), edge(height));
        canvas.paste(&first, [0, 0]);
        canvas.paste(&last, [0, top + resized.height as i64]);
    } else if !above_and_below && left > 0 {
        let edge = |x: f64| {
            resized.resized_from([[x, x], whole[1]], left as usize, canvas.height, Filter::Bicubic)
        };
        let (first, last) = (edge(0.0), edge(width));
        canvas.paste(&first, [0, 0]);
        canvas.paste(&last, [left + resized.width as i64, 0]);
    }
}
