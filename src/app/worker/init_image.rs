//! Conversion of init image and mask from the wire, and of scores to the wire.

use crate::app::protocol::{self, Pixels, Shared, Start};
use crate::error::{Error, Result, messages};
use crate::evaluation::{Score, Scores};
use crate::image::{Mask, RgbImage};
use crate::pipeline;

/// Converts init image and mask into the pipeline's. Takes them over, so that a large picture is in memory
/// once.
///
/// # Errors
/// If there are more or fewer bytes than the size asks for.
pub fn start(wire: Shared<Start>) -> Result<pipeline::InitImage> {
    let Start { image, mask } = wire.into_inner();
    let Pixels { width, height, rgba } = image.into_inner();
    let size = [width as usize, height as usize];
    check("image", rgba.len(), size, 4)?;
    let image = RgbImage::from_rgba(size[0], size[1], rgba)?;
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
    let wanted = width.checked_mul(height).and_then(|area| area.checked_mul(each));
    if len > 0 && wanted == Some(len) {
        return Ok(());
    }
    let reason = messages::pixels_need_bytes(width, height, wanted.unwrap_or(usize::MAX));
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

    fn wire(bytes: usize, mask: Option<usize>) -> Shared<Start> {
        let start = Start {
            image: Pixels { width: 3, height: 2, rgba: (0..bytes as u8).collect() }.into(),
            mask: mask.map(|len| vec![255; len].into()),
        };
        start.into()
    }

    #[test]
    fn colours_and_mask_arrive() {
        let start = start(wire(24, Some(6))).unwrap();
        assert_eq!([start.image.width, start.image.height], [3, 2]);
        assert_eq!(start.image.pixels[..6], [0, 1, 2, 4, 5, 6]);
        assert_eq!(start.mask.unwrap().values(), [255; 6]);
    }

    #[test]
    fn wrong_lengths_are_refused_by_name() {
        let field = |start: Result<pipeline::InitImage>| match start {
            Err(Error::InvalidRequest { field, .. }) => field,
            _ => "none",
        };
        assert_eq!(field(start(wire(23, None))), "image");
        assert_eq!(field(start(wire(0, None))), "image");
        assert_eq!(field(start(wire(24, Some(5)))), "mask");
        assert_eq!(field(start(wire(24, Some(7)))), "mask");
    }
}
