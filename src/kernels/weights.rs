//! Memory layout of weights on a device.

use burn::tensor::{DType, Device, Int, Tensor};

use super::gpu::{self, Launch};
use super::memory_count;
use super::storage_format::StorageFormat;

/// Returns whether weights of this shape are stored in another order than in their file:
/// [`weight_from_words`] then copies them.
pub fn needs_reordering(shape: &[usize]) -> bool {
    matches!(*shape, [_, _, kh, kw] if kh * kw > 1)
}

/// Reinterprets `words`, the row-major bytes of a tensor of `shape`, as weights in `format`. They are uploaded as integers because not every GPU supports f16. The weights of a
/// convolution `[o, i, k, k]` with k > 1 are reordered to `[o, k, k, i]`, as the kernel reads them;
/// see [`weight_with_shape`].
///
/// Returns `None` if the words are not on a GPU.
pub fn weight_from_words(
    words: Tensor<1, Int>,
    shape: &[usize],
    format: StorageFormat,
) -> Option<Tensor<1>> {
    let words = gpu::words_to_buffer(words)?;
    let count = shape.iter().product::<usize>();
    let placed = match *shape {
        [_, c, kh, kw] if needs_reordering(shape) => {
            let out = gpu::empty_like(&words);
            let is_half = format == StorageFormat::F16;
            const WORKGROUP: usize = 256;
            let all = if is_half { count.div_ceil(2) } else { count };
            let [across, down, _] = gpu::grid(all.div_ceil(WORKGROUP));
            Launch::new("channels_last", include_str!("channels_last.wgsl"))
                .constant("WORKGROUP", WORKGROUP as u32)
                .constant("HALF", is_half)
                .words("source", &words, false)
                .words("out", &out, true)
                .info("c", c)
                .info("taps", kh * kw)
                .info("total", count)
                .info("line", across)
                .run([across, down, 1]);
            out
        }
        _ => words,
    };
    Some(gpu::from_buffer(gpu::reinterpret(placed, count, format.dtype())))
}

/// Returns a weight of `shape` without memory of its own, for dry runs and while memory is counted;
/// else `None` if the device is not a GPU.
pub fn placeholder<const D: usize>(
    shape: [usize; D],
    format: StorageFormat,
    device: &Device,
) -> Option<Tensor<D>> {
    if let Some(weight) = memory_count::uncounted(shape, format.dtype()) {
        return Some(weight);
    }
    let any = gpu::to_buffer(Tensor::<1>::empty([1], (device, DType::F32)))?;
    let flat = gpu::from_buffer::<1>(gpu::reinterpret(any, shape.iter().product(), format.dtype()));
    Some(weight_with_shape(flat, shape))
}

/// Returns an input of a network in a dry run, f32: without memory while memory is counted, else
/// zeros.
pub fn dry_run_input<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
    memory_count::uncounted(shape, DType::F32)
        .unwrap_or_else(|| Tensor::zeros(shape, (device, DType::F32)))
}

/// Views weights in the order in which the device's kernels read them as a tensor of `shape`.
pub fn weight_with_shape<const D: usize>(flat: Tensor<1>, shape: [usize; D]) -> Tensor<D> {
    match shape.as_slice() {
        &[o, i, kh, kw] if flat.device() != Device::flex() => {
            let tensor: Tensor<4> = flat.reshape([o, kh, kw, i]);
            tensor.permute([0, 3, 1, 2]).reshape(shape)
        }
        _ => flat.reshape(shape),
    }
}
