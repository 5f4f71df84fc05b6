//! Kernel input of one or two feature maps.

use burn::tensor::Tensor;

use super::plain;

/// `cat(first, second)` along the channels, `[b, c, h, w]`: the input of an up block's residual
/// block, whose second half is a skip connection. Kernels read both tensors in place; nothing is
/// copied.
#[derive(Debug, Clone)]
pub struct ConcatInput {
    /// `[b, c₁, h, w]`
    pub first: Tensor<4>,
    /// `[b, c₂, h, w]`
    pub second: Option<Tensor<4>>,
}

impl ConcatInput {
    /// Returns `cat(x, skip)`.
    pub fn new(x: Tensor<4>, skip: Tensor<4>) -> Self {
        ConcatInput { first: x, second: Some(skip) }
    }

    /// Returns `[b, c₁ + c₂, h, w]`.
    pub fn dims(&self) -> [usize; 4] {
        let [b, c, h, w] = self.first.dims();
        [b, c + self.second.as_ref().map_or(0, |second| second.dims()[1]), h, w]
    }

    /// Returns it as one tensor, `[b, c₁ + c₂, h, w]`.
    pub fn concat(self) -> Tensor<4> {
        match self.second {
            Some(second) => plain::cat(vec![self.first, second], 1),
            None => self.first,
        }
    }
}

impl From<Tensor<4>> for ConcatInput {
    fn from(x: Tensor<4>) -> Self {
        ConcatInput { first: x, second: None }
    }
}
