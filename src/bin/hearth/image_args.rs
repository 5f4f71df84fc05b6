//! Init image and mask of `--image` and `--mask`, read and fitted.

use hearth::Result;
use hearth::image::{Fit, Mask, RgbImage};
use hearth::pipeline::InitImage;

use super::files::{read_mask_image, read_png};
use super::params::Everything;

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum FitName {
    Crop,
    Pad,
}

impl From<FitName> for Fit {
    fn from(name: FitName) -> Self {
        match name {
            FitName::Crop => Fit::Crop,
            FitName::Pad => Fit::Pad,
        }
    }
}

/// The files, read.
pub struct Pictures {
    image: RgbImage,
    /// Black and white only after it is fitted.
    mask: Option<RgbImage>,
    /// Whether only the mask's surroundings are worked on.
    crops: bool,
}

impl Pictures {
    /// Reads the files, if there are any.
    pub fn read(given: &Everything) -> Result<Option<Self>> {
        let Some(path) = &given.image else { return Ok(None) };
        let image = read_png(path)?;
        let mask = match &given.mask {
            Some(path) => Some(read_mask_image(path, [image.width, image.height])?),
            None => None,
        };
        Ok(Some(Pictures { image, mask, crops: given.params.padding_mask_crop.is_some() }))
    }

    /// Returns the size to work at where `asked` does not say it: the picture's own, rounded down to `step`. One
    /// with more than twice as many pixels as the model's `own` size is made as small as that, in its own
    /// shape. Around a mask: the model's own.
    pub fn size(&self, asked: [Option<usize>; 2], own: [usize; 2], step: usize) -> [usize; 2] {
        if self.crops {
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
    pub fn init_image(self, [width, height]: [usize; 2], fit: Fit) -> Result<InitImage> {
        let Pictures { image, mask, crops } = self;
        // The run itself fits the surroundings of a mask.
        let fitted = |image: RgbImage| match crops {
            true => Ok(image),
            false if [image.width, image.height] == [width, height] => Ok(image),
            false => image.fit(width, height, fit),
        };
        let mask = match mask {
            Some(mask) => Some(Mask::from_image(&fitted(mask)?)?),
            None => None,
        };
        Ok(InitImage { image: fitted(image)?, mask })
    }
}
