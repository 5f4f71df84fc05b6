//! How a product of matrices is cut into pieces, one for each workgroup.

use super::choices::{self, Preset, Product};
use super::gpu::{self, Buffer, Launch};

/// One way to cut it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Tile {
    /// Workgroups share tiles of both operands in workgroup memory.
    Shared(Preset),
    /// Every invocation reads for itself: for programs that behave like a GPU.
    Direct {
        /// Rows of an invocation.
        rows: u32,
        /// Columns of an invocation, in fours.
        columns: u32,
    },
}

/// A preset and what a large product runs at: TFLOP/s on an H100. Only the ratios count, and only where the device itself
/// was not measured (tuning.rs).
type Rated = (Preset, f32);

const fn tile(
    threads: [u32; 2],
    [rows, columns]: [u32; 2],
    depth: u32,
    split: u32,
    speed: f32,
) -> Rated {
    (Preset { threads, rows, columns, depth, split }, speed)
}

/// Tiles of f32 that fit 16 KiB.
const F32: [Rated; 7] = [
    tile([8, 16], [8, 2], 4, 1, 34.8),
    tile([8, 16], [4, 5], 4, 1, 34.1),
    tile([8, 16], [4, 1], 8, 1, 16.1),
    tile([8, 8], [4, 2], 8, 4, 25.0),
    tile([8, 8], [4, 1], 8, 4, 25.4),
    tile([4, 8], [2, 5], 8, 8, 15.1),
    tile([8, 8], [1, 1], 16, 4, 6.5),
];

/// Tiles of f32 for adapters that offer 32 KiB.
const LARGE_F32: [Rated; 10] = [
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
const F16: [Rated; 9] = [
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
    /// For a product with `x`.
    pub fn choose(x: &Buffer, product: &Product) -> Self {
        if gpu::is_software(x) {
            let Product { m, n, gated, .. } = *product;
            let rows = [8, 3].into_iter().find(|rows| m >= *rows).map_or(m, |rows| rows.max(4));
            let columns = if n > 8 { 4 } else { n.div_ceil(4) };
            let columns = if gated { columns.max(2) } else { columns };
            return Tile::Direct { rows: rows as u32, columns: columns as u32 };
        }
        let is_tile = |preset: &Preset| Self::rated(x, product).any(|(rated, _)| rated == preset);
        let best = choices::chosen(product).filter(is_tile).or_else(|| {
            let rated = Self::rated(x, product);
            let best = rated.min_by(|a, b| cost(a, product).total_cmp(&cost(b, product)));
            best.map(|(preset, _)| *preset)
        });
        Tile::Shared(best.unwrap_or(F32[0].0))
    }

    /// The tiles for a product on the device of `x`, in the order of their costs by the tables; none where products are not
    /// tiled.
    pub fn candidates(x: &Buffer, product: &Product) -> Vec<Preset> {
        let mut rated: Vec<&Rated> = Self::rated(x, product).collect();
        rated.sort_by(|a, b| cost(a, product).total_cmp(&cost(b, product)));
        rated.into_iter().map(|(preset, _)| *preset).collect()
    }

    fn rated(x: &Buffer, product: &Product) -> impl Iterator<Item = &'static Rated> {
        const LARGE_MEMORY: usize = 32 << 10;
        let presets: &'static [Rated] = match product.is_f16 {
            _ if gpu::is_software(x) => &[],
            true => &F16,
            false if gpu::workgroup_memory(x) >= LARGE_MEMORY => &LARGE_F32,
            false => &F32,
        };
        let gated = product.gated;
        presets.iter().filter(move |(preset, _)| !gated || preset.columns.is_multiple_of(2))
    }

    /// The kernel's text.
    pub fn body(&self) -> &'static str {
        match self {
            Tile::Shared(_) => {
                concat!(include_str!("epilogue.wgsl"), include_str!("conv2d.wgsl"))
            }
            Tile::Direct { .. } => {
                concat!(include_str!("epilogue.wgsl"), include_str!("conv2d_direct.wgsl"))
            }
        }
    }

    /// The constants that its text wants.
    pub fn tell(&self, launch: Launch) -> Launch {
        match *self {
            Tile::Shared(tile) => tile.tell(launch),
            Tile::Direct { rows, columns } => launch
                .constant("TM", rows)
                .constant("TN4", columns)
                .constant("WG", DIRECT_WORKGROUP as u32)
                .unrolled("TM", rows)
                .unrolled("TN4", columns)
                .unrolled("TM * TN4", rows * columns),
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

/// What a product costs in a preset, by the tables.
fn cost((preset, speed): &Rated, product: &Product) -> f32 {
    let width = if product.gated { 2 * product.n } else { product.n };
    preset.cost(product.m, width, *speed)
}

/// Invocations of a workgroup that shares nothing.
const DIRECT_WORKGROUP: usize = 8;

impl Preset {
    /// Rows and columns of a workgroup.
    fn size(&self) -> [usize; 2] {
        let [across, down] = self.threads;
        [(down * self.rows) as usize, (across * self.columns * 4) as usize]
    }

    fn tell(&self, launch: Launch) -> Launch {
        let Preset { threads: [across, down], rows, columns, depth, split } = *self;
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
            .unrolled("LOADS_A", height.div_ceil(at_once))
            .unrolled("LOADS_B", width.div_ceil(at_once))
    }

    /// Time, in some unit: workgroups run in rounds, as many at once as a large GPU has processors, and
    /// a round takes as long as its tile is large.
    fn cost(&self, m: usize, n: usize, speed: f32) -> f32 {
        // An H100's. Which tile is best depends on it where a product has few of them.
        const PROCESSORS: usize = 132;
        let [rows, columns] = self.size();
        let rounds = (m.div_ceil(rows) * n.div_ceil(columns)).div_ceil(PROCESSORS);
        (rounds * rows * columns) as f32 / speed
    }
}
