//! Scaled dot-product attention.
//!
//! Vaswani et al. 2017, arXiv:1706.03762, eq. 1; on a GPU without storing the scores (Dao et al.
//! 2022, arXiv:2205.14135).

use burn::tensor::{DType, Tensor};

use super::attention_tile::AttentionTile;
use super::gpu::{self, Launch};
use super::memory_count::{self, Workspace, bytes};
use super::reference;

/// The keys that a query attends to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttentionMask {
    /// All keys.
    None,
    /// The keys at the query's position and before.
    Causal,
}

/// Returns whether [`attention`] with heads of this size stores all scores `[b, heads, n, m]` on a
/// GPU: for sizes that the kernel does not support.
pub fn materializes_scores(head_size: usize) -> bool {
    !AttentionTile::supports(head_size)
}

/// Computes `softmax(q kᵀ / √d) v` for each of `heads` heads: `q` `[b, n, heads·d]`, `k` and `v`
/// `[b, m, heads·d]` → `[b, n, heads·d]`. Scores and softmax are in f32 whatever the dtype.
pub fn attention(
    q: Tensor<3>,
    k: Tensor<3>,
    v: Tensor<3>,
    heads: usize,
    mask: AttentionMask,
) -> Tensor<3> {
    if let Some(out) = counted(&q, &k, heads) {
        return out;
    }
    match on_gpu(&q, &k, &v, heads, mask) {
        Some(out) => out,
        None => reference::attention(q, k, v, heads, mask == AttentionMask::Causal),
    }
}

/// Returns the output while memory is counted.
fn counted(q: &Tensor<3>, k: &Tensor<3>, heads: usize) -> Option<Tensor<3>> {
    let ([b, n, width], [_, m, _]) = (q.dims(), k.dims());
    memory_count::output([b, n, width], q.dtype(), || Workspace {
        // Scores before and after the softmax.
        gpu: match materializes_scores(width / heads) {
            true => 2 * bytes(&[b, heads, n, m], DType::F32),
            false => 0,
        },
        // Queries, keys, values and output with the heads in front of the tokens.
        cpu: 2 * bytes(&[b, n + m, width], q.dtype()),
    })
}

fn on_gpu(
    q: &Tensor<3>,
    k: &Tensor<3>,
    v: &Tensor<3>,
    heads: usize,
    mask: AttentionMask,
) -> Option<Tensor<3>> {
    let ([b, n, width], [_, m, _]) = (q.dims(), k.dims());
    let d = width / heads;
    let [q, k, v] = [q, k, v].map(|x| gpu::to_contiguous_buffer(x.clone()));
    let (q, k, v) = (q?, k?, v?);
    let tile = AttentionTile::choose(&q, d, heads, [n, m], q.dtype == DType::F16)?;
    let out = gpu::empty(&q, &[b, n, width], q.dtype);
    tile.add_to(Launch::new("attention", tile.body()), d, mask == AttentionMask::Causal)
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
    Some(gpu::from_buffer(out))
}
