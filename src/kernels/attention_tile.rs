//! How attention is cut into pieces, one for each workgroup.

use super::gpu::{self, Buffer, Launch};

/// One way to cut it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AttentionTile {
    /// Workgroups share tiles of queries, keys and values in workgroup memory.
    Shared(Shared),
    /// Every invocation reads for itself: for programs that behave like a GPU. `across_heads`: an
    /// invocation has one query of four heads, not four queries of one head.
    Direct {
        /// See there.
        across_heads: bool,
    },
}

/// A tile in workgroup memory: see the constants of `attention.wgsl`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shared {
    /// Head size.
    d: u32,
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
    /// Tiles of f16.
    pub is_f16: bool,
}

/// For which problems a tile is best.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Always,
    /// A prompt's.
    FewKeys,
    FewQueries,
    /// Its tiles are f16.
    F16,
}

type Preset = (When, u32, [u32; 8]);

/// Best first: head size, then queries, keys, columns of k and of q, rows of v, rows of a block of scores
/// and of results, fours of columns of the latter. Measured on an H100.
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
const MOST: usize = 512;

impl AttentionTile {
    /// Whether the kernel is written for heads of this size.
    pub fn is_for(d: usize) -> bool {
        d.is_multiple_of(4) && (4..=MOST).contains(&d)
    }

    /// For `n` queries and `m` keys of size `d`; `None` for sizes that the kernel is not written for.
    pub fn choose(
        q: &Buffer,
        d: usize,
        heads: usize,
        [n, m]: [usize; 2],
        is_f16: bool,
    ) -> Option<Self> {
        if !Self::is_for(d) {
            return None;
        }
        if gpu::is_software(q) {
            let across_heads = n.div_ceil(4) * heads.div_ceil(4) < n.div_ceil(16) * heads;
            return Some(AttentionTile::Direct { across_heads });
        }
        let memory = gpu::workgroup_memory(q) as u32;
        let suits = |when: When| match when {
            When::Always => true,
            When::FewKeys => m < 128,
            When::FewQueries => n <= 64,
            When::F16 => is_f16,
        };
        let d = d as u32;
        let preset = PRESETS
            .iter()
            .filter(|(when, size, _)| *size == d && suits(*when))
            .map(|(when, _, numbers)| Shared::new(d, *numbers, *when == When::F16))
            .find(|tile| tile.memory() <= memory);
        Some(AttentionTile::Shared(preset.unwrap_or_else(|| Shared::of_any_size(d))))
    }

    /// The kernel's text.
    pub fn body(&self) -> &'static str {
        match self {
            AttentionTile::Shared(_) => include_str!("attention.wgsl"),
            AttentionTile::Direct { .. } => include_str!("attention_direct.wgsl"),
        }
    }

    /// The constants and sizes that its text wants, for heads of size `d`.
    pub fn tell(&self, launch: Launch, d: usize, is_causal: bool) -> Launch {
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
                .constant("THREADS", tile.threads()),
            AttentionTile::Direct { across_heads } => {
                let most = [160, MOST].into_iter().find(|most| d <= *most).unwrap_or(MOST);
                launch
                    .constant("MOST", most as u32)
                    .constant("BK", 128)
                    .info("d", d)
                    .info("causal", usize::from(is_causal))
                    .info("across_heads", usize::from(*across_heads))
            }
        }
    }

    /// Workgroups.
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

    /// Fits 16 KiB for every multiple of 4 up to 512.
    fn of_any_size(d: u32) -> Self {
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

    /// Bytes of workgroup memory.
    fn memory(&self) -> u32 {
        let odd = |columns: u32| (columns / 4) | 1;
        let of_four = if self.is_f16 { 8 } else { 16 };
        let keys_or_values = (self.keys * odd(self.k_columns)).max(self.v_rows * self.d / 4);
        let tiles = self.queries * (odd(self.q_columns) + odd(self.keys)) + keys_or_values;
        tiles * of_four + self.queries / 4 * self.keys / 4 * 16 + self.queries * 4
    }
}
