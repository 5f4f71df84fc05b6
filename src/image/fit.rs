//! Fitting to a size without distortion.
//!
//! diffusers: `image_processor.py`, `_resize_and_crop` and `_resize_and_fill`.

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use super::mask::Mask;
use super::raster::Raster;
use super::resize::{Filter, Resizing};
use super::rgb_image::RgbImage;
use crate::error::{Error, Result, messages};

/// Fit of an image with another aspect ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fit {
    /// Fills the size, and crops two sides.
    Crop,
    /// Keeps the whole image, and continues its edges to two sides.
    Pad,
}

/// Position of a fitted image on its canvas, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placement {
    /// Width and height of the canvas.
    pub canvas: [usize; 2],
    /// Left and top of the resized image; negative where it is cropped.
    pub origin: [i64; 2],
    /// Width and height of the resized image.
    pub size: [u64; 2],
}

impl Placement {
    /// Places an image of size `own` on `canvas`, width before height; no side may be 0.
    pub fn new(own: [usize; 2], canvas: [usize; 2], fit: Fit) -> Self {
        let ratio = canvas[0] as f64 / canvas[1] as f64;
        let own_ratio = own[0] as f64 / own[1] as f64;
        // As wide as the canvas, or as high.
        let as_wide = match fit {
            Fit::Crop => ratio > own_ratio,
            Fit::Pad => ratio < own_ratio,
        };
        let as_high = match fit {
            Fit::Crop => ratio <= own_ratio,
            Fit::Pad => ratio >= own_ratio,
        };
        let [[own_width, own_height], [width, height]] =
            [own, canvas].map(|size| size.map(|side| side as u64));
        // A long and narrow image can become larger than 32 bits before it is cropped.
        let scaled = |side: u64, by: u64, per: u64| (side.saturating_mul(by) / per.max(1)).max(1);
        let new_width = if as_wide { width } else { scaled(own_width, height, own_height) };
        let new_height = if as_high { height } else { scaled(own_height, width, own_width) };
        let start = |side: u64, new: u64| (side / 2) as i64 - (new / 2) as i64;
        let origin = [start(width, new_width), start(height, new_height)];
        Placement { canvas, origin, size: [new_width, new_height] }
    }

    /// Starts to resize an image to its part on the canvas.
    fn resizing<'a, const C: usize>(&self, picture: Raster<'a, C>) -> Resizing<'a, C> {
        let shown = [0, 1].map(|axis| {
            let from = (-self.origin[axis]).max(0) as u64;
            let room = (self.canvas[axis] as i64 - self.origin[axis]).max(0) as u64;
            from..self.size[axis].min(room)
        });
        picture.resizing(self.size, shown, Filter::Lanczos)
    }
}

impl RgbImage {
    /// Fits the image to `width` × `height`, centred.
    ///
    /// # Errors
    /// If either size has no pixels.
    pub fn fit(&self, width: usize, height: usize, fit: Fit) -> Result<Self> {
        let mut fitting = self.fitting(width, height, fit)?;
        loop {
            match fitting.step() {
                ControlFlow::Continue(next) => fitting = next,
                ControlFlow::Break(image) => return Ok(image),
            }
        }
    }

    /// Starts a [`RgbImage::fit`].
    ///
    /// # Errors
    /// If either size has no pixels.
    pub fn fitting(&self, width: usize, height: usize, fit: Fit) -> Result<Fitting<'_>> {
        check(width, height)?;
        let raster = self.raster()?;
        let placement = Placement::new([raster.width, raster.height], [width, height], fit);
        let resizing = placement.resizing(raster);
        Ok(Fitting { resizing, placement, fit })
    }

    /// Resizes the image to `width` × `height`, without regard to its aspect ratio.
    ///
    /// # Errors
    /// If either size has no pixels.
    pub fn resize(&self, width: usize, height: usize) -> Result<Self> {
        check(width, height)?;
        Ok(self.raster()?.resized(width, height, Filter::Lanczos).into())
    }
}

impl Mask {
    /// Fits the mask as [`RgbImage::fit`].
    ///
    /// # Errors
    /// If either size has no pixels.
    pub fn fit(&self, width: usize, height: usize, fit: Fit) -> Result<Self> {
        self.raster()?.fitted_mask(width, height, fit)
    }
}

impl Raster<'_, 1> {
    /// Fits grey pixels as [`RgbImage::fit`], and makes the edge hard.
    ///
    /// # Errors
    /// If the size has no pixels.
    pub(super) fn fitted_mask(self, width: usize, height: usize, fit: Fit) -> Result<Mask> {
        check(width, height)?;
        let placement = Placement::new([self.width, self.height], [width, height], fit);
        let resized = placement.resizing(self).finish();
        Ok(placed(resized, placement, fit).into())
    }
}

/// Fitting of an image, one row at a time, so that the caller can do other work in between.
pub struct Fitting<'a> {
    resizing: Resizing<'a, 3>,
    placement: Placement,
    fit: Fit,
}

impl Fitting<'_> {
    /// Computes one more row; breaks with the fitted image after the last.
    pub fn step(self) -> ControlFlow<RgbImage, Self> {
        let Fitting { resizing, placement, fit } = self;
        match resizing.step() {
            ControlFlow::Continue(resizing) => {
                ControlFlow::Continue(Fitting { resizing, placement, fit })
            }
            ControlFlow::Break(resized) => {
                ControlFlow::Break(placed(resized, placement, fit).into())
            }
        }
    }
}

fn check(width: usize, height: usize) -> Result<()> {
    if width == 0 || height == 0 || width.checked_mul(height).is_none() {
        let reason = messages::no_size(width, height);
        return Err(Error::Image { action: "fitted", reason });
    }
    Ok(())
}

/// Places a resized image, or its visible part, on its canvas.
fn placed<const C: usize>(
    resized: Raster<'_, C>,
    Placement { canvas, origin, .. }: Placement,
    fit: Fit,
) -> Raster<'_, C> {
    let [width, height] = canvas;
    if [resized.width, resized.height] == canvas {
        return resized;
    }
    let origin = origin.map(|start| start.max(0));
    let mut canvas = Raster::black(width, height);
    canvas.paste(&resized, origin);
    if fit == Fit::Pad {
        continue_edges(&mut canvas, &resized, origin);
    }
    canvas
}

/// Spreads the outermost rows or columns of `resized` over the rest of `canvas`. They are resized
/// from a span of length 0, as diffusers does with Pillow.
fn continue_edges<const C: usize>(
    canvas: &mut Raster<'_, C>,
    resized: &Raster<'_, C>,
    [left, top]: [i64; 2],
) {
    let (width, height) = (resized.width as f64, resized.height as f64);
    let whole = [[0.0, width], [0.0, height]];
    if top > 0 {
        let edge = |y: f64| {
            resized.borrowed().resized_from(
                [whole[0], [y, y]],
                canvas.width,
                top as usize,
                Filter::Bicubic,
            )
        };
        let (first, last) = (edge(0.0), edge(height));
        canvas.paste(&first, [0, 0]);
        canvas.paste(&last, [0, top + resized.height as i64]);
    } else if left > 0 {
        let edge = |x: f64| {
            resized.borrowed().resized_from(
                [[x, x], whole[1]],
                left as usize,
                canvas.height,
                Filter::Bicubic,
            )
        };
        let (first, last) = (edge(0.0), edge(width));
        canvas.paste(&first, [0, 0]);
        canvas.paste(&last, [left + resized.width as i64, 0]);
    }
}
