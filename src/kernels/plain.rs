//! Operations that are Burn's own on every device.
//!
//! Their outputs are counted when the memory of a network is ([`super::count_memory`]).

use burn::tensor::module::interpolate;
use burn::tensor::ops::{InterpolateMode, InterpolateOptions};
use burn::tensor::{DType, Int, Tensor};

use super::memory_count::{self, Workspace};

/// Concatenates tensors along an axis.
pub fn cat<const D: usize>(tensors: Vec<Tensor<D>>, axis: usize) -> Tensor<D> {
    let counted = tensors.first().and_then(|first| {
        let mut shape = first.dims();
        shape[axis] = tensors.iter().map(|tensor| tensor.dims()[axis]).sum();
        memory_count::output(shape, first.dtype(), Workspace::default)
    });
    counted.unwrap_or_else(|| Tensor::cat(tensors, axis))
}

/// Returns `a + b`, of one shape.
pub fn add<const D: usize>(a: Tensor<D>, b: Tensor<D>) -> Tensor<D> {
    counted_like(&a, a.dtype()).unwrap_or_else(|| a.add(b))
}

/// Converts the numbers of `x`.
pub fn cast<const D: usize>(x: Tensor<D>, dtype: DType) -> Tensor<D> {
    if x.dtype() == dtype {
        return x;
    }
    counted_like(&x, dtype).unwrap_or_else(|| x.cast(dtype))
}

/// Resizes `[b, c, h, w]` to `[b, c, size..]` by nearest neighbour.
pub fn resize_nearest(x: Tensor<4>, size: [usize; 2]) -> Tensor<4> {
    let ([b, c, _, _], [h, w]) = (x.dims(), size);
    memory_count::output([b, c, h, w], x.dtype(), Workspace::default).unwrap_or_else(|| {
        let nearest = InterpolateOptions::new(InterpolateMode::Nearest);
        interpolate(x, nearest.with_output_size(size))
    })
}

/// Looks up `ids` `[b, n]` in `table` `[count, d]` → `[b, n, d]`.
pub fn embedding(table: Tensor<2>, ids: Tensor<2, Int>) -> Tensor<3> {
    let ([b, n], [_, d]) = (ids.dims(), table.dims());
    memory_count::output([b, n, d], table.dtype(), Workspace::default)
        .unwrap_or_else(|| burn::tensor::module::embedding(table, ids))
}

/// Applies a point-wise function.
pub fn pointwise<const D: usize>(
    x: Tensor<D>,
    function: impl FnOnce(Tensor<D>) -> Tensor<D>,
) -> Tensor<D> {
    counted_like(&x, x.dtype()).unwrap_or_else(|| function(x))
}

/// Returns the output of a point-wise operation while memory is counted.
pub(super) fn counted_like<const D: usize>(x: &Tensor<D>, dtype: DType) -> Option<Tensor<D>> {
    memory_count::output(x.dims(), dtype, Workspace::default)
}

/// `[b, c, h, w]` → `[b, h·w, c]`: a pixel is a token. On a GPU nothing is copied.
pub fn to_tokens(x: Tensor<4>) -> Tensor<3> {
    let [b, c, h, w] = x.dims();
    let shape = [b, h * w, c];
    memory_count::view(&x, shape).unwrap_or_else(|| x.permute([0, 2, 3, 1]).reshape(shape))
}

/// `[b, h·w, c]` → `[b, c, h, w]`
pub fn to_pixels(x: Tensor<3>, [h, w]: [usize; 2]) -> Tensor<4> {
    let [b, _, c] = x.dims();
    memory_count::view(&x, [b, c, h, w])
        .unwrap_or_else(|| x.reshape([b, h, w, c]).permute([0, 3, 1, 2]))
}
