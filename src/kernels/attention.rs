//! Scaled dot-product attention (Vaswani et al. 2017, arXiv:1706.03762, eq. 1).

use burn::tensor::module;
use burn::tensor::ops::AttentionModuleOptions;
use burn::tensor::{DType, Tensor};

/// Which keys a query may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mask {
    /// All of them.
    None,
    /// Those at its own position and before.
    Causal,
}

/// `softmax(q kᵀ / √d) v` for each head, with `q` `[b, heads, n, d]`, `k` and `v`
/// `[b, heads, m, d]`: `[b, heads, n, d]`.
///
/// With `upcast`, scores and softmax are computed in f32 (diffusers' `upcast_attention`).
pub fn attention(q: Tensor<4>, k: Tensor<4>, v: Tensor<4>, mask: Mask, upcast: bool) -> Tensor<4> {
    let dtype = q.dtype();
    let widen = upcast && dtype != DType::F32;
    let (q, k, v) = if widen {
        (q.cast(DType::F32), k.cast(DType::F32), v.cast(DType::F32))
    } else {
        (q, k, v)
    };
    let options = AttentionModuleOptions { is_causal: mask == Mask::Causal, ..Default::default() };
    let attended = module::attention(q, k, v, None, None, options);
    if widen { attended.cast(dtype) } else { attended }
}
