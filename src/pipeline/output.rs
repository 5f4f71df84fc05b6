//! Output of a run, and conversion of tensors to pixels.

use burn::tensor::Tensor;

use crate::error::{Error, Message, Result, messages};
use crate::image::RgbImage;

/// Output of a run (diffusers `StableDiffusionPipelineOutput`).
#[derive(Debug)]
pub struct PipelineOutput {
    /// Generated image.
    pub image: RgbImage,
    /// Latents before they are divided by `scaling_factor`, `[1, c, h/f, w/f]`.
    pub latents: Tensor<4>,
}

/// Converts an autoencoder's output `[1, 3, h, w]` in −1..1 to an image of w × h pixels.
pub(super) async fn rgb_image(decoded: Tensor<4>) -> Result<RgbImage> {
    let [_, channels, h, w] = decoded.dims();
    if channels != 3 {
        let reason = messages::picture_channels(channels);
        return Err(Error::Image { action: "written", reason });
    }
    // [1, 3, h, w] in −1..1 → [h, w, 3] in 0..1
    let unit = decoded.div_scalar(2.0).add_scalar(0.5);
    let values = read(unit.permute([0, 2, 3, 1])).await?;
    if values.iter().any(|value| !value.is_finite()) {
        return Err(Error::Image { action: "made", reason: messages::picture_not_finite() });
    }
    RgbImage::from_unit_floats(w, h, &values)
}

/// Reads the values of a tensor without blocking.
pub(super) async fn read(tensor: Tensor<4>) -> Result<Vec<f32>> {
    let failed = |reason: String| Error::Gpu { reason: Message::verbatim(reason) };
    let data = tensor.into_data_async().await.map_err(|e| failed(e.to_string()))?;
    data.convert::<f32>().try_into_vec::<f32>().map_err(|e| failed(format!("{e:?}")))
}
