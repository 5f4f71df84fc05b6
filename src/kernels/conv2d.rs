//! Convolutions and linear layers: a matrix product with an epilogue.

use burn::tensor::{DType, Tensor};

use super::activation::Activation;
use super::concat_input::ConcatInput;
use super::epilogue::{Epilogue, Shift};
use super::geometry::{Geometry, Padding};
use super::gpu::{self, Launch};
use super::memory_count::{self, Workspace, bytes};
use super::reference;
use super::tile::Tile;
use super::tile_choices::MatrixProduct;

/// Cross-correlates `x` `[b, c_in, h, w]` with `weight` `[c_out, c_in, k, k]` (k is 1 or 3) and
/// adds `bias` `[c_out]`: `[b, c_out, h', w']`, as `torch.nn.functional.conv2d`. On a GPU the
/// result is stored channels-last.
pub fn conv2d(
    x: ConcatInput,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    geometry: Geometry,
    epilogue: Epilogue<4>,
) -> Tensor<4> {
    if let Some(out) = counted(&x, &weight, geometry) {
        return out;
    }
    match on_gpu(&x, &weight, bias.as_ref(), geometry, &epilogue) {
        Some(out) => out,
        None => reference::conv2d(x, weight, bias, geometry, epilogue),
    }
}

/// Returns the output while memory is counted. The reference first concatenates and resizes its
/// input.
fn counted(x: &ConcatInput, weight: &Tensor<4>, geometry: Geometry) -> Option<Tensor<4>> {
    let [b, c, h, w] = x.dims();
    let [c_out, _, kernel, _] = weight.dims();
    let [h_out, w_out] = geometry.out_size([h, w], kernel);
    let dtype = x.first.dtype();
    memory_count::output([b, c_out, h_out, w_out], dtype, || {
        let concatenated = x.second.as_ref().map_or(0, |_| bytes(&[b, c, h, w], dtype));
        let resized = geometry.resized.map_or(0, |[h, w]| bytes(&[b, c, h, w], dtype));
        Workspace::cpu(concatenated + resized)
    })
}

/// Computes `x Wᵀ + bias` over the last axis, with `weight` `[out, in]`: `[.., in]` → `[.., out]`.
pub fn linear<const D: usize>(
    x: Tensor<D>,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
    epilogue: Epilogue<D>,
) -> Tensor<D> {
    let mut shape = x.dims();
    shape[D - 1] = weight.dims()[0];
    if let Some(out) = memory_count::output(shape, x.dtype(), Workspace::default) {
        return out;
    }
    match linear_on_gpu(&x, &weight, bias.as_ref(), &epilogue, false) {
        Some(out) => out,
        None => reference::linear(x, weight, bias, epilogue),
    }
}

/// Computes a linear layer whose second half of outputs gates the first (Shazeer 2020,
/// arXiv:2002.05202): `value · gelu(gate)`, with `weight` `[2·out, in]` and `bias` `[2·out]`: `[b,
/// n, in]` → `[b, n, out]`.
pub fn geglu(x: Tensor<3>, weight: Tensor<2>, bias: Option<Tensor<1>>) -> Tensor<3> {
    let [b, n, _] = x.dims();
    let both = [b, n, weight.dims()[0]];
    // The reference stores values and gates, and the activated gates.
    let workspace = || Workspace::cpu(bytes(&both, x.dtype()) / 2 * 3);
    if let Some(out) = memory_count::output([b, n, both[2] / 2], x.dtype(), workspace) {
        return out;
    }
    match linear_on_gpu(&x, &weight, bias.as_ref(), &Epilogue::default(), true) {
        Some(out) => out,
        None => reference::geglu(x, weight, bias),
    }
}

fn on_gpu(
    x: &ConcatInput,
    weight: &Tensor<4>,
    bias: Option<&Tensor<1>>,
    geometry: Geometry,
    epilogue: &Epilogue<4>,
) -> Option<Tensor<4>> {
    let [_, _, h, w] = x.dims();
    let [c_out, _, kernel, _] = weight.dims();
    if !is_supported(kernel, epilogue.activation) {
        return None;
    }
    let operands = Operands {
        x: gpu::to_channels_last_buffer(x.first.clone())?,
        x2: gpu::optional_buffer(x.second.clone(), gpu::to_channels_last_buffer)?,
        weight: gpu::to_channels_last_buffer(weight.clone())?,
        bias: gpu::optional_buffer(bias.cloned(), gpu::to_contiguous_buffer)?,
        shift: epilogue.shift.clone(),
        residual: gpu::optional_buffer(epilogue.residual.clone(), gpu::to_channels_last_buffer)?,
        size: [h, w],
        kernel,
        geometry,
        activation: epilogue.activation,
        gated: false,
    };
    Some(gpu::from_channels_last_buffer(operands.run(c_out)?))
}

fn linear_on_gpu<const D: usize>(
    x: &Tensor<D>,
    weight: &Tensor<2>,
    bias: Option<&Tensor<1>>,
    epilogue: &Epilogue<D>,
    gated: bool,
) -> Option<Tensor<D>> {
    if !is_supported(1, epilogue.activation) {
        return None;
    }
    let [outputs, inputs] = weight.dims();
    let c_out = if gated { outputs / 2 } else { outputs };
    let mut shape = x.dims();
    let rows = shape.iter().product::<usize>() / inputs;
    shape[D - 1] = c_out;
    // The kernel sees an image of one row.
    let residual = epilogue.residual.clone().map(|residual| residual.reshape([1, 1, rows, c_out]));
    let operands = Operands {
        x: gpu::to_contiguous_buffer(x.clone().reshape([1, 1, rows, inputs]))?,
        x2: None,
        weight: gpu::to_contiguous_buffer(weight.clone())?,
        bias: gpu::optional_buffer(bias.cloned(), gpu::to_contiguous_buffer)?,
        shift: None,
        residual: gpu::optional_buffer(residual, gpu::to_contiguous_buffer)?,
        size: [1, rows],
        kernel: 1,
        geometry: Geometry { stride: 1, padding: Padding::symmetric(0), resized: None },
        activation: epilogue.activation,
        gated,
    };
    Some(gpu::from_buffer::<4>(operands.run(c_out)?).reshape(shape))
}

/// Returns whether the kernel supports these.
fn is_supported(kernel: usize, activation: Option<Activation>) -> bool {
    matches!(kernel, 1 | 3) && activation != Some(Activation::Relu)
}

/// The operands of one launch, channels-last.
struct Operands {
    /// `[b, h, w, c₁]`
    x: gpu::Buffer,
    /// `[b, h, w, c₂]`
    x2: Option<gpu::Buffer>,
    /// `[c_out, k, k, c₁ + c₂]`; if gated `[2·c_out, …]`.
    weight: gpu::Buffer,
    /// `[c_out]`; if gated `[2·c_out]`.
    bias: Option<gpu::Buffer>,
    shift: Option<Shift>,
    /// `[b, h', w', c_out]`
    residual: Option<gpu::Buffer>,
    /// `[h, w]`
    size: [usize; 2],
    kernel: usize,
    geometry: Geometry,
    activation: Option<Activation>,
    gated: bool,
}

impl Operands {
    /// Launches the kernel and returns `[b, h', w', c_out]`.
    fn run(self, c_out: usize) -> Option<gpu::Buffer> {
        let Geometry { stride, padding, resized } = self.geometry;
        let channels = |map: &gpu::Buffer| map.meta.shape()[3];
        let batch = self.x.meta.shape()[0];
        let (c1, c2) = (channels(&self.x), self.x2.as_ref().map_or(0, channels));
        let [h_in, w_in] = self.size;
        let [h_up, w_up] = resized.unwrap_or(self.size);
        let [h_out, w_out] = self.geometry.out_size(self.size, self.kernel);
        let m = batch * h_out * w_out;
        let k = self.kernel * self.kernel * (c1 + c2);
        let out = gpu::empty(&self.x, &[batch, h_out, w_out, c_out], self.x.dtype);

        let (row, shared) = self.shift.as_ref().map_or((0, true), |s| (s.row, s.shared));
        let shift = gpu::optional_buffer(self.shift, |s| gpu::to_contiguous_buffer(s.table))?;
        let activation: usize = match self.activation {
            Some(Activation::Silu) => 1,
            Some(Activation::Gelu) => 2,
            Some(Activation::QuickGelu) => 3,
            _ => 0,
        };
        let (reads_fours, writes_fours) =
            (c1.is_multiple_of(4) && c2.is_multiple_of(4), c_out.is_multiple_of(4));
        let is_f16 = self.x.dtype == DType::F16;
        let product = MatrixProduct {
            m,
            n: c_out,
            c: c1 + c2,
            kernel: self.kernel,
            gated: self.gated,
            is_f16,
            stores_f16: self.weight.dtype == DType::F16,
        };
        let tile = Tile::choose(&self.x, &product);
        // Absent operands get a buffer that is not read, so that they need no pipeline of their
        // own.
        let stand_in = &self.x;
        tile.add_to(Launch::new("conv2d", tile.body()))
            .constant("GEGLU", self.gated)
            .constant("ALIGNED", reads_fours)
            .constant("TILE_F16", is_f16)
            .tile_f16(is_f16)
            .input("x", Some(&self.x), reads_fours)
            .input("x2", self.x2.as_ref(), reads_fours)
            .input("weight", Some(&self.weight), reads_fours)
            .optional_input("bias", self.bias.as_ref(), (stand_in, DType::F32), writes_fours)
            .optional_input("shift", shift.as_ref(), (stand_in, DType::F32), writes_fours)
            .optional_input(
                "residual",
                self.residual.as_ref(),
                (stand_in, self.x.dtype),
                writes_fours,
            )
            .output("out", &out, writes_fours)
            .info("batch", batch)
            .info("h_in", h_in)
            .info("w_in", w_in)
            .info("h_up", h_up)
            .info("w_up", w_up)
            .info("h_out", h_out)
            .info("w_out", w_out)
            .info("c1", c1)
            .info("c2", c2)
            .info("n", c_out)
            .info("kernel", self.kernel)
            .info("act", activation)
            .info("stride", stride)
            .info("pad_before", padding.before)
            .info("shift_offset", row * c_out)
            .info("shift_stride", if shared { 0 } else { c_out })
            .info("has_bias", usize::from(self.bias.is_some()))
            .info("has_shift", usize::from(shift.is_some()))
            .info("has_residual", usize::from(self.residual.is_some()))
            .flop(&[2, m, c_out, k, if self.gated { 2 } else { 1 }])
            .product(product)
            .run(tile.groups(m, c_out, self.gated));
        Some(out)
    }
}
