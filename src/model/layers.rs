//! Basic layers, with PyTorch's names and layouts.
//!
//! Parameters are created without a value, and get one when they are loaded. A parameter that is
//! used before that reads as zeros.

use burn::module::{Module, Param, ParamId};
use burn::tensor::{DType, Device, Int, Shape, Tensor, TensorData};

pub use crate::kernels::Activation;
use crate::kernels::{self, ConcatInput, Epilogue, Geometry, Moments, Padding};

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
    /// Returns the layer with a bias.
    pub fn new(inputs: usize, outputs: usize, device: &Device) -> Self {
        let bias = Some(parameter([outputs], device));
        Linear { weight: parameter([outputs, inputs], device), bias }
    }

    /// Returns the layer without a bias.
    pub fn without_bias(inputs: usize, outputs: usize, device: &Device) -> Self {
        Linear { weight: parameter([outputs, inputs], device), bias: None }
    }

    /// `[.., in]` → `[.., out]`
    pub fn forward<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        self.forward_then(x, Epilogue::default())
    }

    /// Computes the layer, then `epilogue`.
    pub fn forward_then<const D: usize>(&self, x: Tensor<D>, epilogue: Epilogue<D>) -> Tensor<D> {
        kernels::linear(x, self.weight.val(), self.bias.as_ref().map(Param::val), epilogue)
    }

    /// Computes the layer; the second half of the outputs gates the first: `[b, n, in]` → `[b, n,
    /// out / 2]`
    pub fn forward_gated(&self, x: Tensor<3>) -> Tensor<3> {
        kernels::geglu(x, self.weight.val(), self.bias.as_ref().map(Param::val))
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
    /// Returns a `kernel`×`kernel` convolution that keeps the size (odd kernels, stride 1).
    pub fn same(inputs: usize, outputs: usize, kernel: usize, device: &Device) -> Self {
        Self::new(inputs, outputs, kernel, 1, Padding::symmetric(kernel / 2), device)
    }

    /// Returns a convolution with any stride and padding.
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

    /// Removes the bias.
    pub fn without_bias(self) -> Self {
        Conv2d { bias: None, ..self }
    }

    /// Returns whether the convolution halves the size.
    pub fn halves(&self) -> bool {
        self.stride == 2
    }

    /// `[b, in, h, w]` → `[b, out, h', w']`
    pub fn forward(&self, x: impl Into<ConcatInput>) -> Tensor<4> {
        self.forward_then(x, Epilogue::default())
    }

    /// Computes the layer, then `epilogue`.
    pub fn forward_then(&self, x: impl Into<ConcatInput>, epilogue: Epilogue<4>) -> Tensor<4> {
        self.run(x.into(), None, epilogue)
    }

    /// Convolves `x` resized to `size` (nearest neighbour): `[b, in, h, w]` → `[b, out, size..]`
    pub fn forward_resized(&self, x: Tensor<4>, size: [usize; 2]) -> Tensor<4> {
        self.run(x.into(), Some(size), Epilogue::default())
    }

    fn run(&self, x: ConcatInput, resized: Option<[usize; 2]>, epilogue: Epilogue<4>) -> Tensor<4> {
        let bias = self.bias.as_ref().map(Param::val);
        let geometry = Geometry { stride: self.stride, padding: self.padding, resized };
        kernels::conv2d(x, self.weight.val(), bias, geometry, epilogue)
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
    /// Returns the norm; `channels` must be a multiple of `num_groups`.
    pub fn new(num_groups: usize, channels: usize, eps: f64, device: &Device) -> Self {
        let (weight, bias) = (parameter([channels], device), parameter([channels], device));
        GroupNorm { weight, bias, num_groups, eps }
    }

    /// `[b, c, h, w]` → `[b, c, h, w]`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.run(x.into(), false)
    }

    /// Computes the norm, then SiLU or another non-linearity.
    pub fn forward_then(&self, x: impl Into<ConcatInput>, act: Activation) -> Tensor<4> {
        match act {
            Activation::Silu => self.run(x.into(), true),
            other => other.forward(self.run(x.into(), false)),
        }
    }

    /// Returns the statistics of a feature map whose row tiles are `parts`.
    pub fn moments(&self, parts: &[Tensor<4>]) -> Moments {
        kernels::group_norm_moments(parts, self.num_groups)
    }

    /// Computes [`forward_then`](Self::forward_then) of a row tile of a feature map with these
    /// `moments`.
    pub fn forward_with(&self, x: Tensor<4>, moments: &Moments, act: Activation) -> Tensor<4> {
        let run = |with_silu| {
            let (weight, bias) = (self.weight.val(), self.bias.val());
            kernels::group_norm_with_moments(x, moments, weight, bias, self.eps, with_silu)
        };
        match act {
            Activation::Silu => run(true),
            other => other.forward(run(false)),
        }
    }

    fn run(&self, x: ConcatInput, with_silu: bool) -> Tensor<4> {
        let (weight, bias) = (self.weight.val(), self.bias.val());
        kernels::group_norm(x, weight, bias, self.num_groups, self.eps, with_silu)
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
    /// Returns the norm over a last axis of `size`.
    pub fn new(size: usize, eps: f64, device: &Device) -> Self {
        LayerNorm { weight: parameter([size], device), bias: parameter([size], device), eps }
    }

    /// `[.., d]` → `[.., d]`
    pub fn forward<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        kernels::layer_norm(x, self.weight.val(), self.bias.val(), self.eps)
    }
}

/// A table of vectors.
///
/// It stays on the host, in the number format of the file: a prompt takes 77 of CLIP's 49,408 rows,
/// and the whole table is larger than the largest buffer that WebGPU guarantees.
#[derive(Module, Debug)]
pub struct Embedding {
    /// `[count, d]`
    pub weight: Param<Tensor<2>>,
}

impl Embedding {
    /// Returns a table of `count` vectors of `size`.
    pub fn new(count: usize, size: usize) -> Self {
        Embedding { weight: parameter([count, size], &Device::flex()) }
    }

    /// Looks up `ids` `[b][n]` → `[b, n, d]`, f32, on the host.
    pub fn forward(&self, ids: &[Vec<u32>]) -> Tensor<3> {
        let table = self.weight.val();
        let (b, n) = (ids.len(), ids.first().map_or(0, Vec::len));
        let flat: Vec<i32> = ids.iter().flatten().map(|&id| id as i32).collect();
        let flat = TensorData::new(flat, [b, n]);
        let ids = Tensor::<2, Int>::from_data(flat, (&table.device(), DType::I32));
        kernels::cast(kernels::embedding(table, ids), DType::F32)
    }
}

/// A vector for each position, on the host as [`Embedding`].
#[derive(Module, Debug)]
pub struct Positions {
    /// `[count, d]`
    pub weight: Param<Tensor<2>>,
}

impl Positions {
    /// Returns a table of `count` vectors of `size`.
    pub fn new(count: usize, size: usize) -> Self {
        Positions { weight: parameter([count, size], &Device::flex()) }
    }

    /// Returns the vectors of the first `n` positions, `[1, n, d]`, f32.
    pub fn first(&self, n: usize) -> Tensor<3> {
        self.weight.val().narrow(0, 0, n).unsqueeze().cast(DType::F32)
    }
}
