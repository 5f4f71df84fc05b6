//! Classifier-free guidance (Ho & Salimans 2022, arXiv:2207.12598) in one batch of two.

use burn::tensor::Tensor;

/// Whether and how strongly the prompt is emphasised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Guidance {
    /// The prompt alone.
    Off,
    /// Away from the negative prompt by this scale.
    Scale(f64),
}

impl Guidance {
    /// As diffusers: a scale of 1 or less guides nothing.
    pub fn from_scale(guidance_scale: f64) -> Self {
        if guidance_scale > 1.0 { Guidance::Scale(guidance_scale) } else { Guidance::Off }
    }

    /// The UNet's input: `[b, c, h, w]` → `[2b, c, h, w]` with guidance, negative half first.
    pub fn expand(self, latents: Tensor<4>) -> Tensor<4> {
        match self {
            Guidance::Off => latents,
            Guidance::Scale(_) => latents.repeat_dim(0, 2),
        }
    }

    /// One prediction out of the UNet's output: `[2b, c, h, w]` → `[b, c, h, w]` with guidance.
    pub fn combine(self, noise_pred: Tensor<4>) -> Tensor<4> {
        let Guidance::Scale(scale) = self else { return noise_pred };
        let b = noise_pred.dims()[0] / 2;
        let uncond = noise_pred.clone().narrow(0, 0, b);
        let text = noise_pred.narrow(0, b, b);
        uncond.clone().add(text.sub(uncond).mul_scalar(scale))
    }
}
