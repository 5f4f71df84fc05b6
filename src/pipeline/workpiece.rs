//! The picture of a run at the run's own size, and the way back to the picture that was given.

use std::borrow::Cow;

use burn::tensor::{DType, Device, Tensor, TensorData};

use super::start::Start;
use crate::error::{Error, Message, Result};
use crate::image::{Fit, Mask, Region, RgbImage};
use crate::params::GenerationParams;

/// What of a [`Start`] is worked on: all of it, or the mask's surroundings.
pub(super) struct Workpiece<'a> {
    start: &'a Start,
    strength: f64,
    image: Cow<'a, RgbImage>,
    mask: Option<Cow<'a, Mask>>,
    /// Where it lies in the picture that was given, if it is a part of it.
    region: Option<Region>,
}

impl<'a> Workpiece<'a> {
    /// For a run with these parameters, which have been checked with `start`.
    pub fn new(start: &'a Start, params: &GenerationParams) -> Result<Self> {
        let Start { image, mask } = start;
        let ([width, height], strength) = (params.size(), params.strength);
        let (Some(whole_mask), Some(padding)) = (mask, params.padding_mask_crop) else {
            let (image, mask) = (Cow::Borrowed(image), mask.as_ref().map(Cow::Borrowed));
            return Ok(Workpiece { start, strength, image, mask, region: None });
        };
        let region = whole_mask.region([width, height], padding).ok_or_else(|| {
            let reason = Message::verbatim("a black mask has no surroundings");
            Error::Internal { reason }
        })?;
        Ok(Workpiece {
            start,
            strength,
            image: Cow::Owned(image.crop(region)?.fit(width, height, Fit::Pad)?),
            mask: Some(Cow::Owned(whole_mask.crop(region)?.fit(width, height, Fit::Pad)?)),
            region: Some(region),
        })
    }

    /// Whether only a part is painted anew.
    pub fn has_mask(&self) -> bool {
        self.mask.is_some()
    }

    /// How much of it is given up.
    pub fn strength(&self) -> f64 {
        self.strength
    }

    /// The picture as an autoencoder reads it, `[1, 3, h, w]` in −1..1.
    pub fn tensor(&self, device: &Device) -> Tensor<4> {
        self.values(device, |_| true)
    }

    /// The same with zeros, grey, where it is painted anew. `[1, 3, h, w]`.
    pub fn without_masked(&self, device: &Device) -> Tensor<4> {
        match &self.mask {
            Some(mask) => self.values(device, |pixel| mask.values()[pixel] == 0),
            None => self.values(device, |_| false),
        }
    }

    /// What is painted anew, a one or zero for each latent: the pixel at its top left. `[1, 1, h/f, w/f]`.
    pub fn latent_mask(&self, [h, w]: [usize; 2], device: &Device) -> Tensor<4> {
        let Some(mask) = &self.mask else { return Tensor::ones([1, 1, h, w], device) };
        let [width, height] = mask.size();
        let (down, right) = (height / h, width / w);
        let rows = mask.values().chunks_exact(width).step_by(down).take(h);
        let values = rows.flat_map(|row| row.iter().step_by(right).take(w));
        let values: Vec<f32> = values.map(|&value| f32::from(value.min(1))).collect();
        Tensor::from_data(TensorData::new(values, [1, 1, h, w]), (device, DType::F32))
    }

    /// The run's result in the picture that was given: what the mask does not cover is as it was
    /// (`VaeImageProcessor.apply_overlay`).
    pub fn finish(&self, painted: RgbImage) -> Result<RgbImage> {
        let Start { image, mask } = self.start;
        let Some(mask) = mask else { return Ok(painted) };
        match self.region {
            None => mask.compose(&painted, image),
            Some(region) => {
                let part = painted.fit(region.width, region.height, Fit::Crop)?;
                mask.compose(&part.placed(region, mask.size())?, image)
            }
        }
    }

    /// Zeros where `kept` says no of a pixel's place.
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
