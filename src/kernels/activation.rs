//! Point-wise non-linearities.

use burn::tensor::Tensor;
use burn::tensor::activation::{gelu, relu, sigmoid, silu};

use super::plain::pointwise;

/// A point-wise non-linearity; deserialises from its name in diffusers and transformers configs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// `x σ(x)`
    #[serde(alias = "swish")]
    Silu,
    /// `x Φ(x)`, exact (erf).
    Gelu,
    /// `x σ(1.702 x)`
    QuickGelu,
    /// `max(x, 0)`
    Relu,
}

impl Activation {
    /// Applies the non-linearity to every element.
    pub fn forward<const D: usize>(self, x: Tensor<D>) -> Tensor<D> {
        pointwise(x, |x| match self {
            Activation::Silu => silu(x),
            Activation::Gelu => gelu(x),
            Activation::QuickGelu => x.clone().mul(sigmoid(x.mul_scalar(1.702))),
            Activation::Relu => relu(x),
        })
    }
}
