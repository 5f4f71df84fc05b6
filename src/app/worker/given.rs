//! What a picture is made from, out of the page's bytes, and how near it came, for the page.

use crate::app::protocol::{self, Pixels, Start};
use crate::error::{Error, Result, messages};
use crate::evaluation::{Score, Scores};
use crate::image::{Mask, RgbImage};
use crate::pipeline;

/// The page's picture and mask as the pipeline takes them.
///
/// # Errors
/// If there are more or fewer bytes than the size asks for.
pub fn start(given: &Start) -> Result<pipeline::Start> {
    let Pixels { width, height, rgba } = &given.image;
    let size = [*width as usize, *height as usize];
    check("image", rgba.len(), size, 4)?;
    let pixels = rgba.as_chunks::<4>().0.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]).collect();
    let mask = match &given.mask {
        Some(mask) => {
            check("mask", mask.len(), size, 1)?;
            Some(Mask::new(size[0], size[1], mask)?)
        }
        None => None,
    };
    Ok(pipeline::Start { image: RgbImage { width: size[0], height: size[1], pixels }, mask })
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

    fn given(bytes: usize, mask: Option<usize>) -> Start {
        Start {
            image: Pixels { width: 3, height: 2, rgba: (0..bytes as u8).collect() },
            mask: mask.map(|len| vec![255; len].into()),
        }
    }

    #[test]
    fn colours_and_mask_arrive() {
        let start = start(&given(24, Some(6))).unwrap();
        assert_eq!([start.image.width, start.image.height], [3, 2]);
        assert_eq!(start.image.pixels[..6], [0, 1, 2, 4, 5, 6]);
        assert_eq!(start.mask.unwrap().values(), [255; 6]);
    }

    #[test]
    fn wrong_lengths_are_refused_by_name() {
        let field = |start: Result<pipeline::Start>| match start {
            Err(Error::InvalidRequest { field, .. }) => field,
            _ => "none",
        };
        assert_eq!(field(start(&given(23, None))), "image");
        assert_eq!(field(start(&given(0, None))), "image");
        assert_eq!(field(start(&given(24, Some(5)))), "mask");
        assert_eq!(field(start(&given(24, Some(7)))), "mask");
    }
}
