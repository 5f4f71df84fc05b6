//! What a picture is made from, where it is not from noise alone.

use sha2::{Digest, Sha256};

use super::recipe::StartRecipe;
use crate::error::{Error, Message, Result, messages};
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
        let refused = |field, value: Message, reason: Message| {
            Err(Error::InvalidRequest { field, value, reason })
        };
        let pixels = |[width, height]: [usize; 2]| Message::verbatim(format!("{width} × {height}"));
        let size = [self.image.width, self.image.height];
        if !self.image.is_whole() {
            let needs = size[0].saturating_mul(size[1]).saturating_mul(3);
            let reason = messages::pixels_need_bytes(size[0], size[1], needs);
            return refused("image", messages::byte_count(self.image.pixels.len()), reason);
        }
        if padding.is_none() && size != [width, height] {
            return refused("image", pixels(size), messages::wants_requested_size(width, height));
        }
        match (&self.mask, padding) {
            (Some(mask), _) if mask.size() != size => {
                let reason = messages::wants_picture_size(size[0], size[1]);
                refused("mask", pixels(mask.size()), reason)
            }
            (Some(mask), _) if mask.is_black() => {
                refused("mask", messages::empty(), messages::mask_is_black())
            }
            (None, Some(padding)) => {
                let reason = messages::padding_needs_mask();
                refused("padding_mask_crop", Message::verbatim(padding), reason)
            }
            _ => Ok(()),
        }
    }
}
