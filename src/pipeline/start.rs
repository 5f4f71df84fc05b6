//! What a picture is made from, where it is not from noise alone.

use sha2::{Digest, Sha256};

use super::recipe::StartRecipe;
use crate::error::{Error, Result};
use crate::image::{Mask, RgbImage};
use crate::params::GenerationParams;

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
}

impl Start {
    /// What its recipe tells of it.
    pub(super) fn recipe(&self) -> StartRecipe {
        let sum = |bytes: &[u8]| hex::encode(Sha256::digest(bytes));
        StartRecipe {
            image_sha256: Some(sum(&self.image.pixels)),
            mask_sha256: self.mask.as_ref().map(|mask| sum(mask.values())),
        }
    }

    /// Checks it for a run with these parameters.
    pub(super) fn check(&self, params: &GenerationParams) -> Result<()> {
        let ([width, height], padding) = (params.size(), params.padding_mask_crop);
        let refused = |field, value: String, reason: String| {
            Err(Error::InvalidRequest { field, value, reason })
        };
        let pixels = |[width, height]: [usize; 2]| format!("{width} × {height}");
        let size = [self.image.width, self.image.height];
        if !self.image.is_whole() {
            let needs = size[0].saturating_mul(size[1]).saturating_mul(3);
            let reason = format!("{} pixels have {needs} bytes", pixels(size));
            return refused("image", format!("{} bytes", self.image.pixels.len()), reason);
        }
        if padding.is_none() && size != [width, height] {
            let reason =
                format!("it must have the size that is asked for, {}", pixels([width, height]));
            return refused("image", pixels(size), reason);
        }
        match (&self.mask, padding) {
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
                refused("padding_mask_crop", padding.to_string(), reason)
            }
            _ => Ok(()),
        }
    }
}
