//! Group normalisation (Wu & He 2018, arXiv:1803.08494).

use burn::tensor::{DType, Tensor};

/// Normalises `x` `[b, c, h, w]` over `num_groups` groups of channels, then scales by `weight` `[c]`
/// and shifts by `bias` `[c]`. Statistics are taken in f32 whatever the dtype of `x`.
pub fn group_norm(
    x: Tensor<4>,
    weight: Tensor<1>,
    bias: Tensor<1>,
    num_groups: usize,
    eps: f64,
) -> Tensor<4> {
    let dtype = x.dtype();
    let [b, c, h, w] = x.dims();
    let group: Tensor<3> = x.cast(DType::F32).reshape([b, num_groups, c / num_groups * h * w]);
    let centred = group.clone().sub(group.mean_dim(2));
    let variance = centred.clone().square().mean_dim(2);
    let normal: Tensor<4> =
        centred.mul(variance.add_scalar(eps).sqrt().recip()).reshape([b, c, h, w]).cast(dtype);
    normal.mul(weight.reshape([1, c, 1, 1])).add(bias.reshape([1, c, 1, 1]))
}
