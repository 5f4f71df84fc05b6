//! Conversion of init image, mask and scores.

use crate::app::protocol::{self, InitImagePixels, Pixels, Shared};
use crate::error::{Error, Result, messages};
use crate::evaluation::{Score, Scores};
use crate::image::{Mask, RgbImage, Transparency};
use crate::pipeline;

/// Converts init image and mask into the pipeline's. Consumes them, so that a large image is in
/// memory only once.
///
/// # Errors
/// If the number of bytes does not match the size.
pub fn from_wire(wire: Shared<InitImagePixels>) -> Result<pipeline::InitImage> {
    let InitImagePixels { image, mask } = wire.into_inner();
    let Pixels { width, height, rgba } = image.into_inner();
    let size = [width as usize, height as usize];
    check("image", rgba.len(), size, 4)?;
    let image = RgbImage::from_rgba(size[0], size[1], rgba, Transparency::Drop)?;
    let mask = match mask {
        Some(mask) => {
            check("mask", mask.len(), size, 1)?;
            Some(Mask::new(size[0], size[1], &mask)?)
        }
        None => None,
    };
    Ok(pipeline::InitImage { image, mask })
}

fn check(field: &'static str, len: usize, [width, height]: [usize; 2], each: usize) -> Result<()> {
    let expected = width.checked_mul(height).and_then(|area| area.checked_mul(each));
    if len > 0 && expected == Some(len) {
        return Ok(());
    }
    let reason = messages::pixels_need_bytes(width, height, expected.unwrap_or(usize::MAX));
    Err(Error::InvalidRequest { field, value: messages::byte_count(len), reason })
}

impl From<Score> for protocol::Score {
    fn from(score: Score) -> Self {
        let Score { pixel_accuracy, psnr, ssim } = score;
        protocol::Score { pixel_accuracy, psnr, ssim }
    }
}

impl From<Scores> for protocol::Scores {
    fn from(scores: Scores) -> Self {
        protocol::Scores { inside: scores.inside.into(), overall: scores.overall.into() }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn wire(bytes: usize, mask: Option<usize>) -> Shared<InitImagePixels> {
        let init_image = InitImagePixels {
            image: Pixels { width: 3, height: 2, rgba: (0..bytes as u8).collect() }.into(),
            mask: mask.map(|len| vec![255; len].into()),
        };
        init_image.into()
    }

    #[test]
    fn init_image_and_mask_are_converted() {
        let init_image = from_wire(wire(24, Some(6))).unwrap();
        assert_eq!([init_image.image.width, init_image.image.height], [3, 2]);
        assert_eq!(init_image.image.pixels[..6], [0, 1, 2, 4, 5, 6]);
        assert_eq!(init_image.mask.unwrap().values(), [255; 6]);
    }

    #[test]
    fn wrong_length_is_error_with_field() {
        let field = |init_image: Result<pipeline::InitImage>| match init_image {
            Err(Error::InvalidRequest { field, .. }) => field,
            _ => "none",
        };
        assert_eq!(field(from_wire(wire(23, None))), "image");
        assert_eq!(field(from_wire(wire(0, None))), "image");
        assert_eq!(field(from_wire(wire(24, Some(5)))), "mask");
        assert_eq!(field(from_wire(wire(24, Some(7)))), "mask");
    }
}
