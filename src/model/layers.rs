//! The five layers that everything is made of, with PyTorch's names and layouts.
//!
//! Parameters are created without a value; loading gives them one. A parameter that is used before
//! it was loaded reads as zeros.

use burn::module::{Module, Param, ParamId};
use burn::tensor::activation::{gelu, relu, sigmoid, silu};
use burn::tensor::module::{layer_norm, linear};
use burn::tensor::{Device, Int, Shape, Tensor};

use crate::kernels::{self, Padding};

fn parameter<const D: usize>(shape: [usize; D], device: &Device) -> Param<Tensor<D>> {
    Param::uninitialized(
        ParamId::new(),
        move |device, _| Tensor::zeros(shape, device),
        device.clone(),
        false,
        Shape::from(shape),
    )
}

/// `y = x Wᵀ + b` over the last axis.
#[derive(Module, Debug)]
pub struct Linear {
    /// `[out, in]`
    pub weight: Param<Tensor<2>>,
    /// `[out]`
    pub bias: Option<Param<Tensor<1>>>,
}

impl Linear {
    /// With a bias.
    pub fn new(inputs: usize, outputs: usize, device: &Device) -> Self {
        let bias = Some(parameter([outputs], device));
        Linear { weight: parameter([outputs, inputs], device), bias }
    }

    /// Without a bias.
    pub fn without_bias(inputs: usize, outputs: usize, device: &Device) -> Self {
        Linear { weight: parameter([outputs, inputs], device), bias: None }
    }

    /// `[.., in]` → `[.., out]`
    pub fn forward<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        linear(x, self.weight.val().transpose(), self.bias.as_ref().map(Param::val))
    }
}

/// A 2-D convolution with a square kernel.
#[derive(Module, Debug)]
pub struct Conv2d {
    /// `[out, in, k, k]`
    pub weight: Param<Tensor<4>>,
    /// `[out]`
    pub bias: Option<Param<Tensor<1>>>,
    stride: usize,
    #[module(skip)]
    padding: Padding,
}

impl Conv2d {
    /// A `kernel`×`kernel` convolution that keeps the picture's size (odd kernels, stride 1).
    pub fn same(inputs: usize, outputs: usize, kernel: usize, device: &Device) -> Self {
        Self::new(inputs, outputs, kernel, 1, Padding::symmetric(kernel / 2), device)
    }

    /// Any stride and padding.
    pub fn new(
        inputs: usize,
        outputs: usize,
        kernel: usize,
        stride: usize,
        padding: Padding,
        device: &Device,
    ) -> Self {
        Conv2d {
            weight: parameter([outputs, inputs, kernel, kernel], device),
            bias: Some(parameter([outputs], device)),
            stride,
            padding,
        }
    }

    /// The same without a bias.
    pub fn without_bias(self) -> Self {
        Conv2d { bias: None, ..self }
    }

    /// `[b, in, h, w]` → `[b, out, h', w']`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let bias = self.bias.as_ref().map(Param::val);
        kernels::conv2d(x, self.weight.val(), bias, self.stride, self.padding)
    }
}

/// Group normalisation with scale and shift per channel.
#[derive(Module, Debug)]
pub struct GroupNorm {
    /// `[c]`
    pub weight: Param<Tensor<1>>,
    /// `[c]`
    pub bias: Param<Tensor<1>>,
    num_groups: usize,
    eps: f64,
}

impl GroupNorm {
    /// `channels` must be a multiple of `num_groups`.
    pub fn new(num_groups: usize, channels: usize, eps: f64, device: &Device) -> Self {
        let (weight, bias) = (parameter([channels], device), parameter([channels], device));
        GroupNorm { weight, bias, num_groups, eps }
    }

    /// `[b, c, h, w]` → `[b, c, h, w]`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        kernels::group_norm(x, self.weight.val(), self.bias.val(), self.num_groups, self.eps)
    }
}

/// Layer normalisation over the last axis.
#[derive(Module, Debug)]
pub struct LayerNorm {
    /// `[d]`
    pub weight: Param<Tensor<1>>,
    /// `[d]`
    pub bias: Param<Tensor<1>>,
    eps: f64,
}

impl LayerNorm {
    /// Over a last axis of `size`.
    pub fn new(size: usize, eps: f64, device: &Device) -> Self {
        LayerNorm { weight: parameter([size], device), bias: parameter([size], device), eps }
    }

    /// `[.., d]` → `[.., d]`
    pub fn forward<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        layer_norm(x, self.weight.val(), Some(self.bias.val()), self.eps)
    }
}

/// A table of vectors.
#[derive(Module, Debug)]
pub struct Embedding {
    /// `[count, d]`
    pub weight: Param<Tensor<2>>,
}

impl Embedding {
    /// `count` vectors of `size`.
    pub fn new(count: usize, size: usize, device: &Device) -> Self {
        Embedding { weight: parameter([count, size], device) }
    }

    /// `[b, n]` → `[b, n, d]`
    pub fn forward(&self, ids: Tensor<2, Int>) -> Tensor<3> {
        burn::tensor::module::embedding(self.weight.val(), ids)
    }
}

/// A point-wise non-linearity, by its name in configs.
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
    /// Applies it to every element.
    pub fn forward<const D: usize>(self, x: Tensor<D>) -> Tensor<D> {
        match self {
            Activation::Silu => silu(x),
            Activation::Gelu => gelu(x),
            Activation::QuickGelu => x.clone().mul(sigmoid(x.mul_scalar(1.702))),
            Activation::Relu => relu(x),
        }
    }
}
