//! A feature map that may still lie in two tensors.

use burn::tensor::Tensor;

/// `[b, c, h, w]`, the second map's channels behind the first's: what an up block reads beside its own
/// features from a skip connection. Kernels read both where they are; nothing is copied together.
#[derive(Debug, Clone)]
pub struct Features {
    /// `[b, c₁, h, w]`
    pub first: Tensor<4>,
    /// `[b, c₂, h, w]`
    pub second: Option<Tensor<4>>,
}

impl Features {
    /// With the channels of `skip` behind those of `x`.
    pub fn beside(x: Tensor<4>, skip: Tensor<4>) -> Self {
        Features { first: x, second: Some(skip) }
    }

    /// `[b, c₁ + c₂, h, w]`
    pub fn dims(&self) -> [usize; 4] {
        let [b, c, h, w] = self.first.dims();
        [b, c + self.second.as_ref().map_or(0, |second| second.dims()[1]), h, w]
    }

    /// One tensor.
    pub fn joined(self) -> Tensor<4> {
        match self.second {
            Some(second) => Tensor::cat(vec![self.first, second], 1),
            None => self.first,
        }
    }
}

impl From<Tensor<4>> for Features {
    fn from(x: Tensor<4>) -> Self {
        Features { first: x, second: None }
    }
}
