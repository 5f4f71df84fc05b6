//! Arguments of the init image: `--image`, `--mask` and what belongs to them.

use std::path::PathBuf;

use hearth::Result;
use hearth::image::{Fit, Mask, RgbImage};
use hearth::pipeline::Start;

use super::files::{read_mask_image, read_png};

/// The init image, its mask and how they are used.
#[derive(clap::Args)]
pub struct Given {
    /// A PNG to begin with
    #[arg(long, value_name = "FILE.png")]
    image: Option<PathBuf>,
    /// A PNG of the same size: what is white is painted anew, what is black stays as it is
    #[arg(long, value_name = "FILE.png", requires = "image")]
    mask: Option<PathBuf>,
    /// How much of the picture is given up, 0 to 1 [default: 0.8, with --mask 1]
    #[arg(long, value_name = "F", requires = "image", allow_negative_numbers = true)]
    strength: Option<f64>,
    /// Work at full size on the mask and N pixels around it alone; the result has the size of --image
    #[arg(long, value_name = "N", requires = "mask")]
    padding_mask_crop: Option<usize>,
    /// What becomes of a picture of another shape: cut at two sides, or its edges continued
    #[arg(long, value_name = "FIT", default_value = "crop")]
    fit: FitName,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FitName {
    Crop,
    Pad,
}

/// The files, read.
pub struct Pictures<'a> {
    given: &'a Given,
    image: RgbImage,
    /// Black and white only after it is fitted.
    mask: Option<RgbImage>,
}

impl Given {
    /// Reads the files.
    pub fn read(&self) -> Result<Option<Pictures<'_>>> {
        let Some(path) = &self.image else { return Ok(None) };
        let image = read_png(path)?;
        let mask = match &self.mask {
            Some(path) => Some(read_mask_image(path, [image.width, image.height])?),
            None => None,
        };
        Ok(Some(Pictures { given: self, image, mask }))
    }
}

impl Pictures<'_> {
    /// Returns the size to work at where `asked` does not say it: the picture's own, rounded down to `step`. One
    /// with more than twice as many pixels as the model's `own` size is made as small as that, in its own
    /// shape. Around a mask: the model's own.
    pub fn size(&self, asked: [Option<usize>; 2], own: [usize; 2], step: usize) -> [usize; 2] {
        if self.given.padding_mask_crop.is_some() {
            return [asked[0].unwrap_or(own[0]), asked[1].unwrap_or(own[1])];
        }
        let [width, height] = [self.image.width, self.image.height].map(|side| side as f64);
        let most = own.map(|side| side as f64).iter().product::<f64>();
        let area = width * height;
        let scale = match asked {
            [Some(asked), _] => asked as f64 / width,
            [None, Some(asked)] => asked as f64 / height,
            _ if area > 2.0 * most => (most / area).sqrt(),
            _ => 1.0,
        };
        let rounded = |side: f64| ((side * scale) as usize / step * step).max(step);
        [asked[0].unwrap_or(rounded(width)), asked[1].unwrap_or(rounded(height))]
    }

    /// Returns init image and mask of a run of `width` × `height` pixels.
    pub fn start(self, [width, height]: [usize; 2]) -> Result<Start> {
        let Pictures { given, image, mask } = self;
        let fit = match given.fit {
            FitName::Crop => Fit::Crop,
            FitName::Pad => Fit::Pad,
        };
        let strength = given.strength.unwrap_or(if mask.is_some() { 1.0 } else { 0.8 });
        let padding_mask_crop = given.padding_mask_crop;
        // The run itself fits the surroundings of a mask.
        let fitted = |image: RgbImage| match padding_mask_crop {
            Some(_) => Ok(image),
            None if [image.width, image.height] == [width, height] => Ok(image),
            None => image.fit(width, height, fit),
        };
        let mask = match mask {
            Some(mask) => Some(Mask::from_image(&fitted(mask)?)?),
            None => None,
        };
        Ok(Start { image: fitted(image)?, mask, strength, padding_mask_crop })
    }
}
