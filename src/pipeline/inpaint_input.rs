//! Init image and mask at the size of the run.

use std::borrow::Cow;

use burn::tensor::{DType, Device, Tensor, TensorData};

use super::init_image::InitImage;
use super::latent_mask::latent_mask;
use crate::error::{Error, Message, Result};
use crate::image::{Fit, Mask, Region, RgbImage, SoftMask};
use crate::params::GenerationParams;

/// Init image and mask at the size of the run: all of an [`InitImage`], or the mask's surroundings.
pub(super) struct PreparedImage<'a> {
    init_image: &'a InitImage,
    strength: f64,
    image: Cow<'a, RgbImage>,
    mask: Option<Cow<'a, Mask>>,
    /// The whole mask with a soft edge, if it has one.
    soft_mask: Option<SoftMask>,
    /// Position in the init image, if it is a part of it.
    region: Option<Region>,
}

impl<'a> PreparedImage<'a> {
    /// Prepares `init_image` for a run with these parameters. Both have been checked.
    pub fn new(init_image: &'a InitImage, params: &GenerationParams) -> Result<Self> {
        let InitImage { image, mask } = init_image;
        let ([width, height], strength) = (params.size(), params.strength);
        // As in diffusers, the blurred mask takes the place of the given one everywhere: region,
        // latents and composition. The latents get it with a hard edge.
        let soft_mask = mask.as_ref().filter(|_| params.mask_blur > 0);
        let soft_mask = soft_mask.map(|mask| mask.blurred(params.mask_blur));
        let (Some(whole_mask), Some(padding)) = (mask, params.padding_mask_crop) else {
            let image = Cow::Borrowed(image);
            let mask = match (mask, &soft_mask) {
                (Some(mask), Some(soft_mask)) => Some(unless_lost(soft_mask.binarized()?, mask)),
                (mask, _) => mask.as_ref().map(Cow::Borrowed),
            };
            return Ok(PreparedImage {
                init_image,
                strength,
                image,
                mask,
                soft_mask,
                region: None,
            });
        };
        let size = [width, height];
        let region = match &soft_mask {
            Some(soft_mask) => soft_mask.region(size, padding),
            None => whole_mask.region(size, padding),
        };
        let region = region.ok_or_else(|| {
            let reason = Message::verbatim("a black mask has no surroundings");
            Error::Internal { reason }
        })?;
        let hard = || whole_mask.crop(region)?.fit(width, height, Fit::Pad);
        let mask = match &soft_mask {
            Some(soft_mask) => {
                unless_lost(soft_mask.fitted_part(region, width, height)?, &hard()?).into_owned()
            }
            None => hard()?,
        };
        Ok(PreparedImage {
            init_image,
            strength,
            image: Cow::Owned(image.crop(region)?.fit(width, height, Fit::Pad)?),
            mask: Some(Cow::Owned(mask)),
            soft_mask,
            region: Some(region),
        })
    }

    /// Returns whether there is a mask.
    pub fn has_mask(&self) -> bool {
        self.mask.is_some()
    }

    /// Returns the strength.
    pub fn strength(&self) -> f64 {
        self.strength
    }

    /// Returns the image as the autoencoder's input, `[1, 3, h, w]` in −1..1.
    pub fn tensor(&self, device: &Device) -> Tensor<4> {
        self.values(device, |_| true)
    }

    /// Returns the image with zeros (grey) in the masked part, `[1, 3, h, w]`.
    pub fn masked_image(&self, device: &Device) -> Tensor<4> {
        match &self.mask {
            Some(mask) => self.values(device, |pixel| mask.values()[pixel] == 0),
            None => self.values(device, |_| false),
        }
    }

    /// Returns the mask at the size of the latents, one or zero. `[1, 1, h/f, w/f]`
    pub fn latent_mask(&self, [h, w]: [usize; 2], device: &Device) -> Tensor<4> {
        let Some(mask) = &self.mask else { return Tensor::ones([1, 1, h, w], device) };
        let values: Vec<f32> = latent_mask(mask, [h, w]).into_iter().map(f32::from).collect();
        Tensor::from_data(TensorData::new(values, [1, 1, h, w]), (device, DType::F32))
    }

    /// Composes the run's result with the init image: unmasked pixels do not change
    /// (`VaeImageProcessor.apply_overlay`).
    pub fn compose(&self, painted: RgbImage) -> Result<RgbImage> {
        let InitImage { image, mask } = self.init_image;
        let Some(mask) = mask else { return Ok(painted) };
        let painted = match self.region {
            None => painted,
            Some(region) => {
                let part = painted.fit(region.width, region.height, Fit::Crop)?;
                part.placed(region, mask.size())?
            }
        };
        match &self.soft_mask {
            Some(soft_mask) => soft_mask.compose(&painted, image),
            None => mask.compose(&painted, image),
        }
    }

    /// Returns the image as a tensor, with zeros where `kept` of the pixel's index is false.
    fn values(&self, device: &Device, kept: impl Fn(usize) -> bool) -> Tensor<4> {
        let RgbImage { width, height, pixels } = self.image.as_ref();
        let area = width * height;
        let mut values = vec![0.0; 3 * area];
        for (place, pixel) in pixels.as_chunks::<3>().0.iter().enumerate() {
            if kept(place) {
                for (channel, value) in pixel.iter().enumerate() {
                    values[channel * area + place] = 2.0 * (f32::from(*value) / 255.0) - 1.0;
                }
            }
        }
        let data = TensorData::new(values, [1, 3, *height, *width]);
        Tensor::from_data(data, (device, DType::F32))
    }
}

/// Returns the blurred mask, or the given one where the blur leaves nothing that is half white: a
/// run without a mask's pixel would change nothing.
fn unless_lost(blurred: Mask, given: &Mask) -> Cow<'_, Mask> {
    match blurred.is_black() {
        true => Cow::Borrowed(given),
        false => Cow::Owned(blurred),
    }
}
