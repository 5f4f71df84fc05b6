//! What a picture is made from, where it is not from noise alone.

use crate::error::{Error, Result};
use crate::image::{Mask, RgbImage};

/// A picture to begin with (diffusers `StableDiffusionImg2ImgPipeline`), and which part of it is painted
/// anew (`StableDiffusionInpaintPipeline`), with the names of their arguments.
#[derive(Debug, Clone, PartialEq)]
pub struct Start {
    /// The picture, of the size that is asked for. With `padding_mask_crop` it may have any size; the
    /// result then has that size.
    pub image: RgbImage,
    /// What is painted anew, of the picture's size; all else comes back pixel for pixel. `None`: all of
    /// the picture is painted over.
    pub mask: Option<Mask>,
    /// How much of the picture is given up, 0..=1: so much of the steps is taken. With a mask, nothing of
    /// what it covers is left at 1.
    pub strength: f64,
    /// Works on the mask and so many pixels around it alone, at the size that is asked for.
    pub padding_mask_crop: Option<usize>,
}

impl Start {
    /// Checks it for a run of `width` × `height` pixels.
    pub(super) fn check(&self, [width, height]: [usize; 2]) -> Result<()> {
        let refused = |field, value: String, reason: String| {
            Err(Error::InvalidRequest { field, value, reason })
        };
        let pixels = |[width, height]: [usize; 2]| format!("{width} × {height}");
        if !(0.0..=1.0).contains(&self.strength) {
            return refused("strength", self.strength.to_string(), "choose from 0 to 1".into());
        }
        let size = [self.image.width, self.image.height];
        if !self.image.is_whole() {
            let needs = size[0].saturating_mul(size[1]).saturating_mul(3);
            let reason = format!("{} pixels have {needs} bytes", pixels(size));
            return refused("image", format!("{} bytes", self.image.pixels.len()), reason);
        }
        if self.padding_mask_crop.is_none() && size != [width, height] {
            let reason =
                format!("it must have the size that is asked for, {}", pixels([width, height]));
            return refused("image", pixels(size), reason);
        }
        match (&self.mask, self.padding_mask_crop) {
            (Some(mask), _) if mask.size() != size => {
                let reason = format!("it must have the picture's size, {}", pixels(size));
                refused("mask", pixels(mask.size()), reason)
            }
            (Some(mask), _) if mask.is_black() => {
                let reason = "nothing would be painted; make what is to be painted anew white";
                refused("mask", "empty".to_string(), reason.to_string())
            }
            (None, Some(padding)) => {
                let reason = "it needs a mask that it surrounds".to_string();
                refused("padding", padding.to_string(), reason)
            }
            _ => Ok(()),
        }
    }
}
