//! 2-D convolution.

use burn::tensor::Tensor;
use burn::tensor::module;
use burn::tensor::ops::ConvOptions;

/// Zeros around the picture: `(before, after)` for rows and for columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Padding {
    /// Above and left.
    pub before: usize,
    /// Below and right.
    pub after: usize,
}

impl Padding {
    /// The same on all sides.
    pub const fn symmetric(size: usize) -> Self {
        Padding { before: size, after: size }
    }
}

/// Cross-correlates `x` `[b, c_in, h, w]` with `weight` `[c_out, c_in, k, k]` and adds `bias`
/// `[c_out]`: `[b, c_out, h', w']`, as `torch.nn.functional.conv2d`.
pub fn conv2d(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    stride: usize,
    padding: Padding,
) -> Tensor<4> {
    let sides = (padding.before, padding.after);
    let options = ConvOptions::new_with_padding([stride; 2], [sides; 2], [1, 1], 1);
    module::conv2d(x, weight, bias, options)
}
