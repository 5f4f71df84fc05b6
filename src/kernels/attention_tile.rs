//! Tiles of attention.

use super::gpu::{self, Buffer, Launch};

/// A way to divide attention among workgroups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AttentionTile {
    /// The invocations of a workgroup share tiles of queries, keys and values in workgroup memory.
    Shared(Shared),
    /// Each invocation reads its own operands: for software GPUs.
    Direct {
        /// An invocation computes one query of four heads, else four queries of one head.
        across_heads: bool,
    },
}

/// The parameters of a tile in workgroup memory; see the constants of `attention.wgsl`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shared {
    /// Head size.
    d: u32,
    /// Queries of a workgroup.
    queries: u32,
    /// Keys of a step.
    keys: u32,
    /// Columns of k in workgroup memory at once.
    k_columns: u32,
    /// Columns of q in workgroup memory at once.
    q_columns: u32,
    /// Rows of v in workgroup memory at once.
    v_rows: u32,
    /// Rows of an invocation's block of scores.
    score_rows: u32,
    /// Rows of an invocation's block of the result.
    out_rows: u32,
    /// Columns of that block, in vec4s.
    out_columns: u32,
    /// Tiles are in f16, else in f32.
    pub is_f16: bool,
}

/// The problems for which a preset is best.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Always,
    /// Fewer than 128 keys: cross-attention to a prompt.
    FewKeys,
    /// At most 64 queries.
    FewQueries,
    /// q is in f16; so are the tiles.
    F16,
}

type Preset = (When, u32, [u32; 8]);

/// Best first: head size, then queries, keys, columns of k and of q, rows of v, rows of a block of
/// scores and of results, vec4s of columns of the latter. Measured on an H100.
const PRESETS: [Preset; 23] = [
    (When::Always, 8, [64, 64, 8, 8, 64, 8, 4, 1]),
    (When::Always, 16, [64, 64, 16, 16, 64, 8, 4, 1]),
    (When::Always, 32, [64, 32, 32, 32, 32, 4, 4, 1]),
    (When::Always, 40, [96, 40, 40, 40, 40, 8, 8, 1]),
    (When::F16, 40, [64, 40, 40, 40, 40, 8, 8, 1]),
    (When::Always, 40, [32, 40, 20, 40, 20, 4, 4, 1]),
    (When::FewKeys, 64, [32, 32, 32, 32, 16, 4, 8, 1]),
    (When::Always, 64, [64, 64, 32, 64, 32, 8, 8, 1]),
    (When::F16, 64, [64, 64, 64, 64, 64, 8, 8, 1]),
    (When::Always, 64, [32, 32, 32, 32, 16, 4, 8, 1]),
    (When::FewKeys, 80, [64, 80, 20, 20, 20, 8, 8, 1]),
    (When::Always, 80, [64, 64, 20, 80, 16, 8, 8, 1]),
    (When::Always, 80, [16, 40, 20, 80, 8, 4, 4, 1]),
    (When::FewQueries, 160, [16, 64, 32, 160, 16, 4, 4, 1]),
    (When::FewKeys, 160, [32, 80, 20, 160, 8, 4, 8, 1]),
    (When::Always, 160, [32, 64, 32, 160, 8, 4, 8, 1]),
    (When::F16, 160, [32, 64, 40, 160, 16, 4, 8, 1]),
    (When::Always, 160, [16, 64, 32, 160, 16, 4, 4, 1]),
    (When::Always, 160, [16, 40, 20, 20, 8, 4, 4, 1]),
    (When::F16, 512, [32, 128, 32, 32, 16, 4, 8, 2]),
    (When::Always, 512, [32, 128, 32, 32, 8, 4, 8, 2]),
    (When::Always, 512, [32, 64, 32, 32, 8, 4, 8, 2]),
    (When::Always, 512, [16, 64, 16, 16, 4, 4, 8, 1]),
];

/// The largest head size.
const MAX_HEAD_SIZE: usize = 512;

impl AttentionTile {
    /// Returns whether the kernel supports heads of this size.
    pub fn supports(d: usize) -> bool {
        d.is_multiple_of(4) && (4..=MAX_HEAD_SIZE).contains(&d)
    }

    /// Returns the tile for `n` queries and `m` keys of size `d`; `None` for sizes that the kernel
    /// does not support.
    pub fn choose(
        q: &Buffer,
        d: usize,
        heads: usize,
        [n, m]: [usize; 2],
        is_f16: bool,
    ) -> Option<Self> {
        if !Self::supports(d) {
            return None;
        }
        if gpu::is_direct(q) {
            let across_heads = n.div_ceil(4) * heads.div_ceil(4) < n.div_ceil(16) * heads;
            return Some(AttentionTile::Direct { across_heads });
        }
        let memory = gpu::workgroup_memory(q) as u32;
        let applies = |when: When| match when {
            When::Always => true,
            When::FewKeys => m < 128,
            When::FewQueries => n <= 64,
            When::F16 => is_f16,
        };
        let d = d as u32;
        let preset = PRESETS
            .iter()
            .filter(|(when, size, _)| *size == d && applies(*when))
            .map(|(when, _, numbers)| Shared::new(d, *numbers, *when == When::F16))
            .find(|tile| tile.memory() <= memory);
        Some(AttentionTile::Shared(preset.unwrap_or_else(|| Shared::for_any_size(d))))
    }

    /// Returns the kernel's WGSL.
    pub fn body(&self) -> &'static str {
        match self {
            AttentionTile::Shared(_) => include_str!("attention.wgsl"),
            AttentionTile::Direct { .. } => include_str!("attention_direct.wgsl"),
        }
    }

    /// Adds the constants and info of the tile's kernel to `launch`, for heads of size `d`.
    pub fn add_to(&self, launch: Launch, d: usize, is_causal: bool) -> Launch {
        match self {
            AttentionTile::Shared(tile) => launch
                .tile_f16(tile.is_f16)
                .constant("D", d as u32)
                .constant("CAUSAL", is_causal)
                .constant("BQ", tile.queries)
                .constant("BK", tile.keys)
                .constant("DC", tile.k_columns)
                .constant("QC", tile.q_columns)
                .constant("VC", tile.v_rows)
                .constant("SM", tile.score_rows)
                .constant("OM", tile.out_rows)
                .constant("OD", tile.out_columns)
                .constant("THREADS", tile.threads())
                .unrolled("Q_EACH", tile.copies(tile.queries, tile.k_columns))
                .unrolled("K_EACH", tile.copies(tile.keys, tile.k_columns))
                .unrolled("V_EACH", tile.copies(tile.v_rows, tile.d)),
            AttentionTile::Direct { across_heads } => {
                let most = [160, MAX_HEAD_SIZE]
                    .into_iter()
                    .find(|most| d <= *most)
                    .unwrap_or(MAX_HEAD_SIZE);
                launch
                    .constant("MOST", most as u32)
                    .constant("BK", 128)
                    .info("d", d)
                    .info("causal", usize::from(is_causal))
                    .info("across_heads", usize::from(*across_heads))
            }
        }
    }

    /// Returns the grid of workgroups.
    pub fn groups(&self, n: usize, heads: usize, batch: usize) -> [usize; 3] {
        match self {
            AttentionTile::Shared(tile) => [n.div_ceil(tile.queries as usize), heads, batch],
            AttentionTile::Direct { across_heads: true } => {
                [n.div_ceil(4), heads.div_ceil(4), batch]
            }
            AttentionTile::Direct { across_heads: false } => [n.div_ceil(16), heads, batch],
        }
    }
}

impl Shared {
    fn new(d: u32, numbers: [u32; 8], is_f16: bool) -> Self {
        let [queries, keys, k_columns, q_columns, v_rows, score_rows, out_rows, out_columns] =
            numbers;
        Shared {
            d,
            queries,
            keys,
            k_columns,
            q_columns,
            v_rows,
            score_rows,
            out_rows,
            out_columns,
            is_f16,
        }
    }

    /// Returns a tile for heads of any supported size, which fits into 16 KiB.
    fn for_any_size(d: u32) -> Self {
        const MOST_INVOCATIONS: u32 = 256;
        let first = |numbers: &[u32], fits: &dyn Fn(u32) -> bool, otherwise: u32| {
            numbers.iter().copied().find(|number| fits(*number)).unwrap_or(otherwise)
        };
        let queries = first(&[32, 16], &|queries| d / 4 * queries / 4 <= MOST_INVOCATIONS, 8);
        let columns = first(&[32, 28, 24, 20, 16, 12, 8], &|columns| d.is_multiple_of(columns), 4);
        let v_rows = first(&[32, 16, 8], &|rows| rows * d * 4 <= 5120, 4);
        Shared::new(d, [queries, 32, columns, columns, v_rows, 4, 4, 1], false)
    }

    fn threads(&self) -> u32 {
        let scores = self.queries / self.score_rows * self.keys / 4;
        let results = self.queries / self.out_rows * (self.d / 4).div_ceil(self.out_columns);
        scores.max(results)
    }

    /// Returns how many vec4s each invocation copies of a part with `rows` and `columns`.
    fn copies(&self, rows: u32, columns: u32) -> u32 {
        (rows * columns / 4).div_ceil(self.threads())
    }

    /// Returns the bytes of workgroup memory.
    fn memory(&self) -> u32 {
        let odd = |columns: u32| (columns / 4) | 1;
        let vec4_bytes = if self.is_f16 { 8 } else { 16 };
        let keys_or_values = (self.keys * odd(self.k_columns)).max(self.v_rows * self.d / 4);
        let tiles = self.queries * (odd(self.q_columns) + odd(self.keys)) + keys_or_values;
        tiles * vec4_bytes + self.queries / 4 * self.keys / 4 * 16 + self.queries * 4
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_HEAD_SIZE, PRESETS, Shared};

    #[test]
    fn copies_of_every_tile_fit_the_registers() {
        const MOST: u32 = 8; // `Fetched` in attention.wgsl
        let presets = PRESETS.iter().map(|(_, d, numbers)| Shared::new(*d, *numbers, false));
        let others = (4..=MAX_HEAD_SIZE as u32).step_by(4).map(Shared::for_any_size);
        for tile in presets.chain(others) {
            for (rows, columns) in
                [(tile.queries, tile.k_columns), (tile.keys, tile.k_columns), (tile.v_rows, tile.d)]
            {
                let copies = tile.copies(rows, columns);
                assert!(copies <= MOST, "{tile:?}: {copies}");
                assert!(copies * tile.threads() >= rows * columns / 4, "{tile:?}");
            }
        }
    }
}
