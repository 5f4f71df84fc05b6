//! Previews of latents.
//!
//! They are decoded by a tiny autoencoder, or by a linear map from each latent pixel to one RGB
//! pixel.

use burn::tensor::Tensor;

use super::callbacks::{CallbackYieldPoint, Callbacks};
use super::output::{read, rgb_image};
use crate::error::Result;
use crate::image::RgbImage;
use crate::model::{ActivationLimits, AutoencoderTiny};

/// Preview decoder.
#[derive(Debug)]
pub enum Preview {
    /// One pixel for each latent.
    Rgb(LatentRgb),
    /// Full size.
    Tiny(TinyDecoder),
}

impl Preview {
    /// Decodes the first of `latents` `[b, c, h, w]`.
    ///
    /// # Errors
    /// An error of `callbacks`, or of reading the image back from the device.
    pub async fn decode(&self, latents: Tensor<4>, callbacks: &impl Callbacks) -> Result<RgbImage> {
        let first = latents.narrow(0, 0, 1);
        match self {
            Preview::Rgb(rgb) => rgb.decode(first).await,
            Preview::Tiny(decoder) => decoder.decode(first, callbacks).await,
        }
    }
}

/// A tiny autoencoder for previews (TAESD).
#[derive(Debug)]
pub struct TinyDecoder {
    /// Network.
    pub vae: AutoencoderTiny,
    /// Scaling factor of this autoencoder: latents are divided by it.
    pub scaling_factor: f64,
    /// Number format between its layers, and limit of their size.
    pub limits: ActivationLimits,
}

impl TinyDecoder {
    /// Decodes `latents` `[1, c, h, w]` → f·w × f·h pixels.
    async fn decode(&self, latents: Tensor<4>, callbacks: &impl Callbacks) -> Result<RgbImage> {
        let yield_point = CallbackYieldPoint::new(callbacks);
        let decoded = self
            .vae
            .decode(latents.div_scalar(self.scaling_factor), self.limits, &yield_point)
            .await
            .map_err(|interrupted| yield_point.error(interrupted))?;
        rgb_image(decoded).await
    }
}

/// Linear map from latents to RGB.
#[derive(Debug, Clone, PartialEq)]
pub struct LatentRgb {
    /// `[c][3]`: RGB in −1..1 per latent channel.
    factors: Vec<[f32; 3]>,
    bias: [f32; 3],
}

impl LatentRgb {
    /// Returns the map of a checkpoint's factors.
    pub fn new(factors: &[[f32; 3]], bias: [f32; 3]) -> Self {
        LatentRgb { factors: factors.to_vec(), bias }
    }

    /// Decodes `latents` `[1, c, h, w]` → w × h pixels.
    async fn decode(&self, latents: Tensor<4>) -> Result<RgbImage> {
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
