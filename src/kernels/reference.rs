//! CPU reference of the operations, built from Burn's own.

use burn::tensor::activation::{gelu, silu};
use burn::tensor::module;
use burn::tensor::ops::{AttentionModuleOptions, ConvOptions};
use burn::tensor::{DType, Tensor};

use super::activation::Activation;
use super::concat_input::ConcatInput;
use super::epilogue::Epilogue;
use super::geometry::Geometry;
use super::moments::Moments;
use super::plain;

pub(super) fn conv2d(
    x: ConcatInput,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    geometry: Geometry,
    epilogue: Epilogue<4>,
) -> Tensor<4> {
    let Geometry { stride, padding, resized } = geometry;
    let x = match resized {
        Some(size) => plain::resize_nearest(x.concat(), size),
        None => x.concat(),
    };
    let [b, ..] = x.dims();
    let sides = (padding.before, padding.after);
    let options = ConvOptions::new_with_padding([stride; 2], [sides; 2], [1, 1], 1);
    let out = module::conv2d(x, weight, bias, options);
    let Epilogue { shift, activation, residual } = epilogue;
    let out = match shift {
        Some(shift) => out.add(shift.rows(b)),
        None => out,
    };
    finish(out, activation, residual)
}

pub(super) fn linear<const D: usize>(
    x: Tensor<D>,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
    epilogue: Epilogue<D>,
) -> Tensor<D> {
    let out = module::linear(x, weight.transpose(), bias);
    finish(out, epilogue.activation, epilogue.residual)
}

fn finish<const D: usize>(
    out: Tensor<D>,
    activation: Option<Activation>,
    residual: Option<Tensor<D>>,
) -> Tensor<D> {
    let out = match activation {
        Some(activation) => activation.forward(out),
        None => out,
    };
    match residual {
        Some(residual) => residual.add(out),
        None => out,
    }
}

pub(super) fn geglu(x: Tensor<3>, weight: Tensor<2>, bias: Option<Tensor<1>>) -> Tensor<3> {
    let both = module::linear(x, weight.transpose(), bias);
    let half = both.dims()[2] / 2;
    let value = both.clone().narrow(2, 0, half);
    value.mul(gelu(both.narrow(2, half, half)))
}

pub(super) fn attention(
    q: Tensor<3>,
    k: Tensor<3>,
    v: Tensor<3>,
    heads: usize,
    is_causal: bool,
) -> Tensor<3> {
    let [q, k, v] = [q, k, v].map(|x| split_heads(x, heads));
    let options = AttentionModuleOptions { is_causal, ..Default::default() };
    merge_heads(module::attention(q, k, v, None, None, options))
}

/// `[b, n, heads·d]` → `[b, heads, n, d]`
fn split_heads(x: Tensor<3>, heads: usize) -> Tensor<4> {
    let [b, n, width] = x.dims();
    x.reshape([b, n, heads, width / heads]).swap_dims(1, 2)
}

/// `[b, heads, n, d]` → `[b, n, heads·d]`
fn merge_heads(x: Tensor<4>) -> Tensor<3> {
    let [b, heads, n, d] = x.dims();
    x.swap_dims(1, 2).reshape([b, n, heads * d])
}

pub(super) fn group_norm(
    x: ConcatInput,
    weight: Tensor<1>,
    bias: Tensor<1>,
    num_groups: usize,
    eps: f64,
    with_silu: bool,
) -> Tensor<4> {
    let x = x.concat();
    let moments = Moments::from_records(group_norm_record(x.clone(), num_groups));
    group_norm_with_moments(x, &moments, weight, bias, eps, with_silu)
}

/// Returns the record of each group, `[b, groups, 1, 4]`; see [`Moments::from_records`].
pub(super) fn group_norm_record(x: Tensor<4>, num_groups: usize) -> Tensor<4> {
    let [b, c, h, w] = x.dims();
    let count = c / num_groups * h * w;
    let group: Tensor<3> = x.cast(DType::F32).reshape([b, num_groups, count]);
    let mean = group.clone().mean_dim(2);
    let variance = group.sub(mean.clone()).square().mean_dim(2);
    Moments { mean, variance }.record(count)
}

pub(super) fn group_norm_with_moments(
    x: Tensor<4>,
    moments: &Moments,
    weight: Tensor<1>,
    bias: Tensor<1>,
    eps: f64,
    with_silu: bool,
) -> Tensor<4> {
    let dtype = x.dtype();
    let [b, c, h, w] = x.dims();
    let Moments { mean, variance } = moments.clone();
    let [_, num_groups, _] = mean.dims();
    let group: Tensor<3> = x.cast(DType::F32).reshape([b, num_groups, c / num_groups * h * w]);
    let normal = group.sub(mean).mul(variance.add_scalar(eps).sqrt().recip());
    let normal: Tensor<4> = normal.reshape([b, c, h, w]).cast(dtype);
    let out = normal.mul(weight.reshape([1, c, 1, 1])).add(bias.reshape([1, c, 1, 1]));
    if with_silu { silu(out) } else { out }
}

pub(super) fn layer_norm<const D: usize>(
    x: Tensor<D>,
    weight: Tensor<1>,
    bias: Tensor<1>,
    eps: f64,
) -> Tensor<D> {
    module::layer_norm(x, weight, Some(bias), eps)
}
