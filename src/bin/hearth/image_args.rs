//! Init image and mask arguments.

use hearth::Result;
use hearth::image::{Fit, Mask, RgbImage};
use hearth::pipeline::InitImage;

use super::files::{read_image, read_mask_image};
use super::params::ParamsArguments;

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

/// Decoded init image and mask.
pub struct InputImages {
    image: RgbImage,
    /// Not thresholded, which happens after fitting.
    mask: Option<RgbImage>,
    /// Whether only the mask's surroundings are inpainted.
    crops: bool,
}

impl InputImages {
    /// Reads the files, if there are any.
    pub fn read(given: &ParamsArguments) -> Result<Option<Self>> {
        let Some(path) = &given.image else { return Ok(None) };
        let image = read_image(path)?;
        let mask = match &given.mask {
            Some(path) => Some(read_mask_image(path, [image.width, image.height])?),
            None => None,
        };
        Ok(Some(InputImages { image, mask, crops: given.params.padding_mask_crop.is_some() }))
    }

    /// Returns the size of the run. A side that `requested` lacks is the image's, rounded down to
    /// `step`. An image with more than twice the pixels of the model's `native` size is reduced to
    /// that number, with its aspect ratio. With inpainting of the mask's surroundings, it is the
    /// native size.
    pub fn size(
        &self,
        requested: [Option<usize>; 2],
        native: [usize; 2],
        step: usize,
    ) -> [usize; 2] {
        if self.crops {
            return [requested[0].unwrap_or(native[0]), requested[1].unwrap_or(native[1])];
        }
        let [width, height] = [self.image.width, self.image.height].map(|side| side as f64);
        let most = native.map(|side| side as f64).iter().product::<f64>();
        let area = width * height;
        let scale = match requested {
            [Some(requested), _] => requested as f64 / width,
            [None, Some(requested)] => requested as f64 / height,
            _ if area > 2.0 * most => (most / area).sqrt(),
            _ => 1.0,
        };
        let rounded = |side: f64| ((side * scale) as usize / step * step).max(step);
        [requested[0].unwrap_or(rounded(width)), requested[1].unwrap_or(rounded(height))]
    }

    /// Returns init image and mask of a run of `width` × `height` pixels.
    pub fn init_image(self, [width, height]: [usize; 2], fit: Fit) -> Result<InitImage> {
        let InputImages { image, mask, crops } = self;
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
