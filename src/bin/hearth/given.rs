//! `--image` and `--mask`, read: the picture that a picture is made from.

use hearth::Result;
use hearth::image::{Fit, Mask, RgbImage};
use hearth::pipeline::Start;

use super::files::{read_mask, read_png};
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
    mask: Option<Mask>,
    /// Whether only the mask's surroundings are worked on.
    crops: bool,
}

impl Pictures {
    /// Reads the files, if there are any.
    pub fn read(given: &Everything) -> Result<Option<Self>> {
        let Some(path) = &given.image else { return Ok(None) };
        let image = read_png(path)?;
        let mask = match &given.mask {
            Some(path) => Some(read_mask(path, [image.width, image.height])?),
            None => None,
        };
        Ok(Some(Pictures { image, mask, crops: given.params.padding_mask_crop.is_some() }))
    }

    /// The size to work at where `asked` does not say it: the picture's own, rounded down to `step`. One
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

    /// What a run of `width` × `height` pixels begins with.
    pub fn start(self, [width, height]: [usize; 2], fit: Fit) -> Result<Start> {
        let Pictures { image, mask, crops } = self;
        if crops {
            return Ok(Start { image, mask });
        }
        Ok(Start {
            image: image.fit(width, height, fit)?,
            mask: mask.map(|mask| mask.fit(width, height, fit)).transpose()?,
        })
    }
}
