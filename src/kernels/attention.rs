//! Scaled dot-product attention (Vaswani et al. 2017, arXiv:1706.03762, eq. 1), without storing its
//! scores (Dao et al. 2022, arXiv:2205.14135).

use burn::tensor::{DType, Tensor};

use super::attention_tile::AttentionTile;
use super::gpu::{self, Launch};
use super::plain;

/// Which keys a query may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mask {
    /// All of them.
    None,
    /// Those at its own position and before.
    Causal,
}

/// Whether [`attention`] over heads of this size keeps all its scores: on no GPU, and where the kernel is
/// not written for it.
pub fn stores_scores(head_size: usize, on_gpu: bool) -> bool {
    !on_gpu || !AttentionTile::is_for(head_size)
}

/// `softmax(q kᵀ / √d) v` for each of `heads` heads, which lie beside one another: `q`
/// `[b, n, heads·d]`, `k` and `v` `[b, m, heads·d]` → `[b, n, heads·d]`. Scores and softmax are
/// computed in f32 whatever the dtype.
pub fn attention(q: Tensor<3>, k: Tensor<3>, v: Tensor<3>, heads: usize, mask: Mask) -> Tensor<3> {
    match on_gpu(&q, &k, &v, heads, mask) {
        Some(out) => out,
        None => plain::attention(q, k, v, heads, mask == Mask::Causal),
    }
}

fn on_gpu(
    q: &Tensor<3>,
    k: &Tensor<3>,
    v: &Tensor<3>,
    heads: usize,
    mask: Mask,
) -> Option<Tensor<3>> {
    let ([b, n, width], [_, m, _]) = (q.dims(), k.dims());
    let d = width / heads;
    let [q, k, v] = [q, k, v].map(|x| gpu::lower_contiguous(x.clone()));
    let (q, k, v) = (q?, k?, v?);
    let tile = AttentionTile::choose(&q, d, heads, [n, m], q.dtype == DType::F16)?;
    let out = gpu::empty(&q, &[b, n, width], q.dtype);
    tile.tell(Launch::new("attention", tile.body()), d, mask == Mask::Causal)
        .input("q", Some(&q), true)
        .input("k", Some(&k), true)
        .input("v", Some(&v), true)
        .output("out", &out, true)
        .info("n", n)
        .info("m", m)
        .info("heads", heads)
        .info("width", width)
        .info_f32("scale", (d as f32).sqrt().recip())
        .flop(&[4, b, n, m, width])
        .run(tile.groups(n, heads, b));
    Some(gpu::raise(out))
}
