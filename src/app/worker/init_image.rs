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

/// Compares an inpainted image with its init image; `None` if it is too small for the scores or has no
/// mask.
///
/// # Errors
/// If the number of bytes does not match the size.
pub fn scores(picture: Pixels, init_image: InitImagePixels) -> Result<Option<protocol::Scores>> {
    let picture = from_wire(InitImagePixels { image: picture.into(), mask: None }.into())?.image;
    let pipeline::InitImage { image, mask } = from_wire(init_image.into())?;
    let scores = mask.and_then(|mask| Scores::compare(&picture, &image, &mask).ok());
    Ok(scores.map(Into::into))
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
    fn scores_are_those_of_the_masked_part() {
        let picture = |value: u8| Pixels { width: 16, height: 16, rgba: vec![value; 16 * 16 * 4] };
        let init_image = |mask: Option<Vec<u8>>| InitImagePixels {
            image: picture(100).into(),
            mask: mask.map(Into::into),
        };
        let mask = Some(vec![255; 16 * 16]);
        let found = scores(picture(100), init_image(mask.clone())).unwrap().unwrap();
        assert_eq!(found.overall.psnr, f64::INFINITY);
        let found = scores(picture(200), init_image(mask)).unwrap().unwrap();
        assert_eq!((found.inside.pixel_accuracy, found.overall.pixel_accuracy), (0.0, 0.0));
        assert_eq!(scores(picture(1), init_image(None)).unwrap(), None);
        let small = Pixels { width: 3, height: 2, rgba: vec![0; 24] };
        let init_image =
            InitImagePixels { image: small.clone().into(), mask: Some(vec![255; 6].into()) };
        assert_eq!(scores(small, init_image).unwrap(), None, "too small for SSIM");
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
