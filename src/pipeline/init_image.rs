//! Init image and mask of a run.

use sha2::{Digest, Sha256};

use super::metadata::InitImageMetadata;
use crate::error::{Error, Message, Result, messages};
use crate::image::{Mask, RgbImage};
use crate::params::GenerationParams;

/// Init image (diffusers `StableDiffusionImg2ImgPipeline`) and mask
/// (`StableDiffusionInpaintPipeline`), with the names of their arguments.
#[derive(Debug, Clone, PartialEq)]
pub struct InitImage {
    /// Image of the requested size. With `padding_mask_crop` it may have any size, which is then
    /// the size of the result.
    pub image: RgbImage,
    /// Part to repaint, of the image's size; the other pixels do not change. `None`: the whole
    /// image is repainted.
    pub mask: Option<Mask>,
}

impl InitImage {
    /// Returns the hashes for the metadata.
    pub(super) fn metadata(&self) -> InitImageMetadata {
        let sum = |bytes: &[u8]| hex::encode(Sha256::digest(bytes));
        InitImageMetadata {
            image_sha256: Some(sum(&self.image.pixels)),
            mask_sha256: self.mask.as_ref().map(|mask| sum(mask.values())),
        }
    }

    /// Checks image and mask for a run with these parameters.
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
