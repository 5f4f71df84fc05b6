//! Weights as they lie on a device.

use burn::tensor::{DType, Device, Int, Tensor};

use super::gpu::{self, Launch};

/// Whether weights of this shape are put in another order: [`from_words`] then writes them anew.
pub fn is_reordered(shape: &[usize]) -> bool {
    matches!(*shape, [_, _, kh, kw] if kh * kw > 1)
}

/// Gives `words` their meaning: the numbers, f32 or f16 as `dtype` says, of a tensor of `shape`, one row
/// behind the other. They came to the GPU as integers, because not every GPU knows f16. The weights of a
/// convolution `[o, i, k, k]` with k > 1 are put in the kernel's order, `[o, k, k, i]`: see [`shaped`].
///
/// `None` if the words are not on a GPU.
pub fn from_words(words: Tensor<1, Int>, shape: &[usize], dtype: DType) -> Option<Tensor<1>> {
    let words = gpu::lower_words(words)?;
    let count = shape.iter().product::<usize>();
    let placed = match *shape {
        [_, c, kh, kw] if is_reordered(shape) => {
            let out = gpu::empty_words(&words);
            let is_half = dtype == DType::F16;
            const WORKGROUP: usize = 256;
            let all = if is_half { count.div_ceil(2) } else { count };
            let [across, down, _] = gpu::lines(all.div_ceil(WORKGROUP));
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
    Some(gpu::raise(gpu::reinterpret(placed, count, dtype)))
}

/// A tensor of `shape` in which there is nothing: for passes that are compiled and not run
/// ([`cubecl::dry_run`]). `None` if the device is no GPU.
pub fn phantom<const D: usize>(
    shape: [usize; D],
    dtype: DType,
    device: &Device,
) -> Option<Tensor<D>> {
    let any = gpu::lower(Tensor::<1>::empty([1], (device, DType::F32)))?;
    let flat = gpu::raise::<1>(gpu::reinterpret(any, shape.iter().product(), dtype));
    Some(shaped(flat, shape))
}

/// Weights that lie on a device the way its kernels want them, as a tensor of `shape`.
pub fn shaped<const D: usize>(flat: Tensor<1>, shape: [usize; D]) -> Tensor<D> {
    match shape.as_slice() {
        &[o, i, kh, kw] if flat.device() != Device::flex() => {
            let tensor: Tensor<4> = flat.reshape([o, kh, kw, i]);
            tensor.permute([0, 3, 1, 2]).reshape(shape)
        }
        _ => flat.reshape(shape),
    }
}
