//! Scaled dot-product attention (Vaswani et al. 2017, arXiv:1706.03762, eq. 1), without storing its
//! scores (Dao et al. 2022, arXiv:2205.14135).

use burn::tensor::{DType, Tensor};

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
    let tile = Tile::choose(d)?;
    let [q, k, v] = [q, k, v].map(|x| gpu::lower_contiguous(x.clone()));
    let (q, k, v) = (q?, k?, v?);
    let out = gpu::empty(&q, &[b, n, width], q.dtype);
    let launch = tile
        .tell(Launch::new("attention", include_str!("attention.wgsl")))
        .constant("D", d as u32)
        .constant("CAUSAL", mask == Mask::Causal)
        .tile_f16(q.dtype == DType::F16)
        .input("q", Some(&q), true)
        .input("k", Some(&k), true)
        .input("v", Some(&v), true)
        .output("out", &out, true)
        .info("n", n)
        .info("m", m)
        .info("heads", heads)
        .info_f32("scale", (d as f32).sqrt().recip());
    let rows = [n, m, m, n];
    LAYOUTS
        .iter()
        .zip(rows)
        .fold(launch, |launch, ([offset, row, batch], rows)| {
            launch.info(offset, 0).info(row, width).info(batch, rows * width)
        })
        .run([n.div_ceil(tile.queries as usize), heads, b]);
    Some(gpu::raise(out))
}

/// Where each operand begins, and how far its rows and the pictures of the batch are apart.
const LAYOUTS: [[&str; 3]; 4] = [
    ["q_offset", "q_row", "q_batch"],
    ["k_offset", "k_row", "k_batch"],
    ["v_offset", "v_row", "v_batch"],
    ["out_offset", "out_row", "out_batch"],
];

/// How the work is cut into pieces: see the kernel's text.
#[derive(Debug, Clone, Copy)]
struct Tile {
    /// Queries of a workgroup.
    queries: u32,
    /// Keys of a step.
    keys: u32,
    /// Columns of k that are held at once.
    k_columns: u32,
    /// Columns of q that are held at once.
    q_columns: u32,
    /// Rows of v that are held at once.
    v_rows: u32,
    /// Rows of an invocation's block of scores.
    score_rows: u32,
    /// Rows of an invocation's block of the result.
    out_rows: u32,
    /// Fours of columns of that block.
    out_columns: u32,
    /// Invocations of a workgroup.
    threads: u32,
}

impl Tile {
    fn choose(d: usize) -> Option<Self> {
        if !d.is_multiple_of(4) || d > 512 {
            return None;
        }
        let d = d as u32;
        let columns =
            (1..=8).rev().map(|fours| fours * 4).find(|columns| d.is_multiple_of(*columns))?;
        let mut tile = Tile {
            queries: 16,
            keys: 16,
            k_columns: columns,
            q_columns: columns,
            v_rows: 4,
            score_rows: 4,
            out_rows: 4,
            out_columns: if d > 256 { 2 } else { 1 },
            threads: 0,
        };
        let scores = tile.queries / tile.score_rows * tile.keys / 4;
        let results = tile.queries / tile.out_rows * (d / 4).div_ceil(tile.out_columns);
        tile.threads = scores.max(results);
        Some(tile)
    }

    fn tell(&self, launch: Launch) -> Launch {
        launch
            .constant("BQ", self.queries)
            .constant("BK", self.keys)
            .constant("DC", self.k_columns)
            .constant("QC", self.q_columns)
            .constant("VC", self.v_rows)
            .constant("SM", self.score_rows)
            .constant("OM", self.out_rows)
            .constant("OD", self.out_columns)
            .constant("THREADS", self.threads)
    }
}
