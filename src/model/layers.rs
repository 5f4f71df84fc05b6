//! The five layers that everything is made of, with PyTorch's names and layouts.
//!
//! Parameters are created without a value; loading gives them one. A parameter that is used before
//! it was loaded reads as zeros.

use burn::module::{Module, Param, ParamId};
use burn::tensor::activation::{gelu, relu, sigmoid, silu};
use burn::tensor::module::{layer_norm, linear};
use burn::tensor::{DType, Device, Int, Shape, Tensor, TensorData};

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
///
/// It stays on the host, in whatever number format it came: of CLIP's 49,408 rows a prompt takes 77,
/// and as a whole the table is larger than the largest buffer that WebGPU promises.
#[derive(Module, Debug)]
pub struct Embedding {
    /// `[count, d]`
    pub weight: Param<Tensor<2>>,
}

impl Embedding {
    /// `count` vectors of `size`.
    pub fn new(count: usize, size: usize) -> Self {
        Embedding { weight: parameter([count, size], &Device::flex()) }
    }

    /// `ids` `[b][n]` → `[b, n, d]` on `device`
    pub async fn forward(&self, ids: &[Vec<u32>], device: &Device) -> Tensor<3> {
        let table = self.weight.val();
        let (b, n) = (ids.len(), ids.first().map_or(0, Vec::len));
        let flat: Vec<i32> = ids.iter().flatten().map(|&id| id as i32).collect();
        let flat = TensorData::new(flat, [b, n]);
        let ids = Tensor::<2, Int>::from_data(flat, (&table.device(), DType::I32));
        let rows = burn::tensor::module::embedding(table, ids).cast(DType::F32);
        match rows.clone().into_data_async().await {
            Ok(data) => Tensor::from_data(data, (device, DType::F32)),
            Err(_) => rows, // What lies on the host can be read; else the next operation says so.
        }
    }
}

/// A vector for each position.
#[derive(Module, Debug)]
pub struct Positions {
    /// `[count, d]`
    pub weight: Param<Tensor<2>>,
}

impl Positions {
    /// `count` vectors of `size`.
    pub fn new(count: usize, size: usize, device: &Device) -> Self {
        Positions { weight: parameter([count, size], device) }
    }

    /// Those of the first `n` positions, `[1, n, d]`.
    pub fn first(&self, n: usize) -> Tensor<3> {
        self.weight.val().narrow(0, 0, n).unsqueeze()
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
