//! A cheap look at latents: each latent pixel becomes one RGB pixel by a linear map.

use burn::tensor::Tensor;

use crate::error::{Error, Result};
use crate::image::RgbImage;

/// The linear map.
#[derive(Debug, Clone, PartialEq)]
pub struct LatentRgb {
    /// `[c][3]`: RGB in −1..1 per latent channel.
    factors: Vec<[f32; 3]>,
    bias: [f32; 3],
}

/// For SD 1.x and 2.x latents (least squares over photographs; the values that most front ends use).
const STABLE_DIFFUSION: [[f32; 3]; 4] = [
    [0.3512, 0.2297, 0.3227],
    [0.3250, 0.4974, 0.2350],
    [-0.2829, 0.1762, 0.2721],
    [-0.2120, -0.2616, -0.7177],
];

/// The `scaling_factor` by which latents of SD 1.x and 2.x are known.
const STABLE_DIFFUSION_SCALING: f64 = 0.18215;

impl LatentRgb {
    /// `factors` as the checkpoint gives them; else those of Stable Diffusion, if `scaling_factor`
    /// is its; else none.
    pub fn new(factors: &[[f32; 3]], bias: [f32; 3], scaling_factor: f64) -> Option<Self> {
        if !factors.is_empty() {
            return Some(LatentRgb { factors: factors.to_vec(), bias });
        }
        let known = (scaling_factor - STABLE_DIFFUSION_SCALING).abs() < 1e-6;
        known.then(|| LatentRgb { factors: STABLE_DIFFUSION.to_vec(), bias: [0.0; 3] })
    }

    /// The first of `latents` `[b, c, h, w]` as a picture of w × h pixels.
    ///
    /// # Errors
    /// If the device cannot give the latents back.
    pub async fn preview(&self, latents: Tensor<4>) -> Result<RgbImage> {
        let [_, c, h, w] = latents.dims();
        let values = read(latents.narrow(0, 0, 1)).await?;
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

/// A tensor's values on the host, without blocking.
pub(super) async fn read(tensor: Tensor<4>) -> Result<Vec<f32>> {
    let failed = |reason: String| Error::Gpu { reason };
    let data = tensor.into_data_async().await.map_err(|e| failed(e.to_string()))?;
    data.convert::<f32>().try_into_vec::<f32>().map_err(|e| failed(format!("{e:?}")))
}
