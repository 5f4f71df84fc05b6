//! Weights as they lie on a device.

use burn::tensor::{DType, Device, Int, Tensor};

use super::gpu::{self, Launch};

/// Gives the words of a file their meaning: numbers of `dtype`, f32 or f16, in the order of an `[.., ..]`
/// tensor of `shape`. `words` came to a GPU as integers, because not every GPU knows f16. A convolution's
/// weights `[o, i, k, k]` are put in the order of the kernel, `[o, k, k, i]`: see [`shaped`].
///
/// `None` if the words are not on a GPU.
pub fn from_words(words: Tensor<1, Int>, shape: &[usize], dtype: DType) -> Option<Tensor<1>> {
    let words = gpu::lower_words(words)?;
    let count = shape.iter().product::<usize>();
    let placed = match *shape {
        [_, c, kh, kw] if kh * kw > 1 => {
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
