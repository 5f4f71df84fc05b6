//! A cheap look at latents on their way: a tiny autoencoder's, or a linear map from each latent pixel to
//! one RGB pixel.

use burn::tensor::Tensor;

use super::host::{Boundary, Host};
use super::picture::{read, rgb_image};
use crate::error::Result;
use crate::image::RgbImage;
use crate::model::{AutoencoderTiny, FeatureMaps};

/// How previews are made.
#[derive(Debug)]
pub enum Preview {
    /// A pixel per latent.
    Rgb(LatentRgb),
    /// In full size.
    Tiny(TinyDecoder),
}

impl Preview {
    /// The first of `latents` `[b, c, h, w]`.
    ///
    /// # Errors
    /// What `host` ends the run with, or a device that cannot give the picture back.
    pub async fn picture(&self, latents: Tensor<4>, host: &impl Host) -> Result<RgbImage> {
        let first = latents.narrow(0, 0, 1);
        match self {
            Preview::Rgb(rgb) => rgb.picture(first).await,
            Preview::Tiny(decoder) => decoder.picture(first, host).await,
        }
    }
}

/// An autoencoder beside the model, made for previews (TAESD).
#[derive(Debug)]
pub struct TinyDecoder {
    /// The network.
    pub vae: AutoencoderTiny,
    /// Its own: latents are divided by it.
    pub scaling_factor: f64,
    /// What flows between its layers.
    pub maps: FeatureMaps,
}

impl TinyDecoder {
    /// `latents` `[1, c, h, w]` → f·w × f·h pixels.
    async fn picture(&self, latents: Tensor<4>, host: &impl Host) -> Result<RgbImage> {
        let boundary = Boundary::new(host);
        let decoded = self
            .vae
            .decode(latents.div_scalar(self.scaling_factor), self.maps, &boundary)
            .await
            .map_err(|interrupted| boundary.reason(interrupted))?;
        rgb_image(decoded).await
    }
}

/// The linear map.
#[derive(Debug, Clone, PartialEq)]
pub struct LatentRgb {
    /// `[c][3]`: RGB in −1..1 per latent channel.
    factors: Vec<[f32; 3]>,
    bias: [f32; 3],
}

impl LatentRgb {
    /// As a checkpoint gives it.
    pub fn new(factors: &[[f32; 3]], bias: [f32; 3]) -> Self {
        LatentRgb { factors: factors.to_vec(), bias }
    }

    /// `latents` `[1, c, h, w]` → w × h pixels.
    async fn picture(&self, latents: Tensor<4>) -> Result<RgbImage> {
        let [_, c, h, w] = latents.dims();
        let values = read(latents).await?;
        let mut rgb = vec![0.0; h * w * 3];
        for (pixel, out) in rgb.chunks_exact_mut(3).enumerate() {
            for (k, value) in out.iter_mut().enumerate() {
                let channels = self.factors.iter().take(c).enumerate();
                let sum: f32 =
                    channels.map(|(i, factor)| factor[k] * values[i * h * w + pixel]).sum();
                *value = ((sum + self.bias[k]) / 2.0 + 0.5).clamp(0.0, 1.0);
            }
        }
        RgbImage::from_unit_floats(w, h, &rgb)
    }
}
