//! How a product of matrices is cut into pieces, one for each workgroup.

use super::gpu::{self, Buffer, Launch};

/// One way to cut it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Tile {
    /// Workgroups share tiles of both operands in workgroup memory.
    Shared(Shared),
    /// Every invocation reads for itself: for programs that behave like a GPU.
    Direct {
        /// Rows of an invocation.
        rows: u32,
        /// Columns of an invocation, in fours.
        columns: u32,
    },
}

/// A tile in workgroup memory: see the constants of `conv2d.wgsl`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shared {
    /// Invocations across and down.
    threads: [u32; 2],
    /// Rows of an invocation.
    rows: u32,
    /// Columns of an invocation, in fours.
    columns: u32,
    /// Of the inner axis in a step, in fours.
    depth: u32,
    /// Groups of invocations that share out a step.
    split: u32,
    /// What a large product runs at: TFLOP/s on an H100. Only the ratios count.
    speed: f32,
}

const fn tile(
    threads: [u32; 2],
    [rows, columns]: [u32; 2],
    depth: u32,
    split: u32,
    speed: f32,
) -> Shared {
    Shared { threads, rows, columns, depth, split, speed }
}

/// Tiles of f32 that fit 16 KiB.
const F32: [Shared; 7] = [
    tile([8, 16], [8, 2], 4, 1, 34.8),
    tile([8, 16], [4, 5], 4, 1, 34.1),
    tile([8, 16], [4, 1], 8, 1, 16.1),
    tile([8, 8], [4, 2], 8, 4, 25.0),
    tile([8, 8], [4, 1], 8, 4, 25.4),
    tile([4, 8], [2, 5], 8, 8, 15.1),
    tile([8, 8], [1, 1], 16, 4, 6.5),
];

/// Tiles of f32 for adapters that offer 32 KiB.
const LARGE_F32: [Shared; 10] = [
    tile([16, 16], [8, 2], 4, 1, 35.0),
    tile([8, 16], [8, 2], 4, 1, 20.9),
    tile([8, 16], [4, 5], 4, 1, 34.1),
    tile([8, 32], [4, 5], 4, 1, 35.3),
    tile([8, 16], [4, 1], 8, 1, 16.1),
    tile([8, 8], [4, 5], 8, 4, 26.0),
    tile([8, 8], [4, 2], 8, 4, 25.0),
    tile([8, 8], [4, 1], 8, 4, 25.4),
    tile([4, 8], [2, 5], 16, 8, 16.5),
    tile([8, 8], [1, 1], 16, 4, 6.5),
];

/// Tiles of f16; all fit 16 KiB.
const F16: [Shared; 9] = [
    tile([16, 16], [8, 2], 4, 1, 42.3),
    tile([8, 16], [8, 2], 8, 1, 48.5),
    tile([8, 16], [4, 5], 8, 1, 45.7),
    tile([8, 16], [4, 1], 8, 1, 42.6),
    tile([8, 8], [4, 5], 8, 4, 27.4),
    tile([8, 8], [4, 1], 8, 4, 17.8),
    tile([4, 8], [2, 5], 16, 8, 16.8),
    tile([8, 8], [4, 2], 8, 4, 27.7),
    tile([8, 8], [1, 1], 16, 4, 12.7),
];

impl Tile {
    /// For `[m, n]` results in a product with `x`; gated ones have two columns of weights each.
    pub fn choose(x: &Buffer, [m, n]: [usize; 2], is_f16: bool, gated: bool) -> Self {
        if gpu::is_software(x) {
            let rows = [8, 3].into_iter().find(|rows| m >= *rows).map_or(m, |rows| rows.max(4));
            let columns = if n > 8 { 4 } else { n.div_ceil(4) };
            let columns = if gated { columns.max(2) } else { columns };
            return Tile::Direct { rows: rows as u32, columns: columns as u32 };
        }
        const LARGE_MEMORY: usize = 32 << 10;
        let presets: &[Shared] = match is_f16 {
            true => &F16,
            false if gpu::workgroup_memory(x) >= LARGE_MEMORY => &LARGE_F32,
            false => &F32,
        };
        let width = if gated { 2 * n } else { n };
        let best = presets
            .iter()
            .filter(|tile| !gated || tile.columns.is_multiple_of(2))
            .min_by(|a, b| a.cost(m, width).total_cmp(&b.cost(m, width)));
        Tile::Shared(best.copied().unwrap_or(F32[0]))
    }

    /// The kernel's text.
    pub fn body(&self) -> &'static str {
        match self {
            Tile::Shared(_) => {
                concat!(include_str!("activation.wgsl"), include_str!("conv2d.wgsl"))
            }
            Tile::Direct { .. } => {
                concat!(include_str!("activation.wgsl"), include_str!("conv2d_direct.wgsl"))
            }
        }
    }

    /// The constants that its text wants.
    pub fn tell(&self, launch: Launch, gated: bool) -> Launch {
        match *self {
            Tile::Shared(tile) => tile.tell(launch, gated),
            Tile::Direct { rows, columns } => launch
                .constant("TM", rows)
                .constant("TN4", columns)
                .constant("WG", DIRECT_WORKGROUP as u32),
        }
    }

    /// Workgroups for `[m, n]` results.
    pub fn groups(&self, m: usize, n: usize, gated: bool) -> [usize; 3] {
        let halved = if gated { 2 } else { 1 };
        let count = match self {
            Tile::Shared(tile) => {
                let [rows, columns] = tile.size();
                m.div_ceil(rows) * n.div_ceil(columns / halved)
            }
            Tile::Direct { rows, columns } => {
                let columns = (4 * columns) as usize / halved;
                (m.div_ceil(*rows as usize) * n.div_ceil(columns)).div_ceil(DIRECT_WORKGROUP)
            }
        };
        gpu::lines(count)
    }
}

/// Invocations of a workgroup that shares nothing.
const DIRECT_WORKGROUP: usize = 8;

impl Shared {
    /// Rows and columns of a workgroup.
    fn size(&self) -> [usize; 2] {
        let [across, down] = self.threads;
        [(down * self.rows) as usize, (across * self.columns * 4) as usize]
    }

    fn tell(&self, launch: Launch, gated: bool) -> Launch {
        let Shared { threads: [across, down], rows, columns, depth, split, .. } = *self;
        // Rows of a tile that all invocations copy at once.
        let at_once = across * down * split / depth;
        let [height, width] = self.size().map(|side| side as u32);
        launch
            .constant("TX", across)
            .constant("TY", down)
            .constant("TM", rows)
            .constant("TN4", columns)
            .constant("BK4", depth)
            .constant("KS", split)
            .unrolled("TM", rows)
            .unrolled("TN4", columns)
            .unrolled("TM * TN4", rows * columns)
            .unrolled("BK4 / KS", depth / split)
            .unrolled("LOADS_A", height.div_ceil(at_once))
            .unrolled("LOADS_B", width.div_ceil(at_once))
            .unrolled("OUT_N / TX / 4u", columns / if gated { 2 } else { 1 })
    }

    /// Time, in some unit: workgroups run in rounds, as many at once as a large GPU has processors, and
    /// a round takes as long as its tile is large.
    fn cost(&self, m: usize, n: usize) -> f32 {
        // An H100's. Which tile is best depends on it where a product has few of them.
        const PROCESSORS: usize = 132;
        let [rows, columns] = self.size();
        let rounds = (m.div_ceil(rows) * n.div_ceil(columns)).div_ceil(PROCESSORS);
        (rounds * rows * columns) as f32 / self.speed
    }
}
