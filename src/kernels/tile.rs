//! Tiles of matrix products.

use super::gpu::{self, Buffer, Launch};
use super::tile_choices::{self, MatrixProduct, TileConfig};

/// A way to divide a matrix product among workgroups.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Tile {
    /// The invocations of a workgroup share tiles of both operands in workgroup memory.
    Shared(TileConfig),
    /// Each invocation reads its own operands: for software GPUs.
    Direct {
        /// Rows computed by an invocation.
        rows: u32,
        /// Columns computed by an invocation, in vec4s.
        columns: u32,
    },
}

/// A tile and the speed of a large product with it, TFLOP/s on an H100. Only ratios matter, and
/// only where the device itself was not measured (`tune.rs`).
type Rated = (TileConfig, f32);

const fn tile(
    threads: [u32; 2],
    [rows, columns]: [u32; 2],
    depth: u32,
    split: u32,
    speed: f32,
) -> Rated {
    (TileConfig { threads, rows, columns, depth, split }, speed)
}

/// Tiles of f32 that fit into 16 KiB of workgroup memory.
const F32: [Rated; 7] = [
    tile([8, 16], [8, 2], 4, 1, 34.8),
    tile([8, 16], [4, 5], 4, 1, 34.1),
    tile([8, 16], [4, 1], 8, 1, 16.1),
    tile([8, 8], [4, 2], 8, 4, 25.0),
    tile([8, 8], [4, 1], 8, 4, 25.4),
    tile([4, 8], [2, 5], 8, 8, 15.1),
    tile([8, 8], [1, 1], 16, 4, 6.5),
];

/// Tiles of f32 for adapters with 32 KiB of workgroup memory.
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

/// Tiles of f16; all fit into 16 KiB.
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
    /// Returns the tile for `product` on the device of `x`.
    pub fn choose(x: &Buffer, product: &MatrixProduct) -> Self {
        if gpu::is_direct(x) {
            let MatrixProduct { m, n, gated, .. } = *product;
            let rows = [8, 3].into_iter().find(|rows| m >= *rows).map_or(m, |rows| rows.max(4));
            let columns = if n > 8 { 4 } else { n.div_ceil(4) };
            let columns = if gated { columns.max(2) } else { columns };
            return Tile::Direct { rows: rows as u32, columns: columns as u32 };
        }
        let is_tile =
            |config: &TileConfig| Self::rated(x, product).any(|(rated, _)| rated == config);
        let best = tile_choices::chosen(product).filter(is_tile).or_else(|| {
            let rated = Self::rated(x, product);
            let best = rated.min_by(|a, b| cost(a, product).total_cmp(&cost(b, product)));
            best.map(|(config, _)| *config)
        });
        Tile::Shared(best.unwrap_or(F32[0].0))
    }

    /// Returns the tiles for `product` on the device of `x`, cheapest first by the tables; none for
    /// software GPUs.
    pub fn candidates(x: &Buffer, product: &MatrixProduct) -> Vec<TileConfig> {
        let mut rated: Vec<&Rated> = Self::rated(x, product).collect();
        rated.sort_by(|a, b| cost(a, product).total_cmp(&cost(b, product)));
        rated.into_iter().map(|(config, _)| *config).collect()
    }

    fn rated(x: &Buffer, product: &MatrixProduct) -> impl Iterator<Item = &'static Rated> {
        const LARGE_MEMORY: usize = 32 << 10;
        let configs: &'static [Rated] = match product.is_f16 {
            _ if gpu::is_direct(x) => &[],
            true => &F16,
            false if gpu::workgroup_memory(x) >= LARGE_MEMORY => &LARGE_F32,
            false => &F32,
        };
        let gated = product.gated;
        configs.iter().filter(move |(config, _)| !gated || config.columns.is_multiple_of(2))
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

    /// Adds the constants of the tile's kernel to `launch`.
    pub fn add_to(&self, launch: Launch) -> Launch {
        match *self {
            Tile::Shared(tile) => tile.add_to(launch),
            Tile::Direct { rows, columns } => launch
                .constant("TM", rows)
                .constant("TN4", columns)
                .constant("WG", DIRECT_WORKGROUP as u32)
                .unrolled("TM", rows)
                .unrolled("TN4", columns)
                .unrolled("TM * TN4", rows * columns),
        }
    }

    /// Returns the grid of workgroups for a result of `[m, n]`.
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
        gpu::grid(count)
    }
}

/// Returns the cost of `product` in a tile, by the tables.
fn cost((config, speed): &Rated, product: &MatrixProduct) -> f32 {
    let width = if product.gated { 2 * product.n } else { product.n };
    config.cost(product.m, width, *speed)
}

/// Invocations of a workgroup with a [`Tile::Direct`].
const DIRECT_WORKGROUP: usize = 8;

impl TileConfig {
    /// Returns the rows and columns computed by a workgroup.
    fn size(&self) -> [usize; 2] {
        let [across, down] = self.threads;
        [(down * self.rows) as usize, (across * self.columns * 4) as usize]
    }

    fn add_to(&self, launch: Launch) -> Launch {
        let TileConfig { threads: [across, down], rows, columns, depth, split } = *self;
        // Rows of a tile that the invocations copy at once.
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

    /// Returns the time in arbitrary units: workgroups run in rounds, as many at once as a large
    /// GPU has processors, and a round takes time in proportion to its tile.
    fn cost(&self, m: usize, n: usize, speed: f32) -> f32 {
        // An H100's. It decides which tile is best for products of few tiles.
        const PROCESSORS: usize = 132;
        let [rows, columns] = self.size();
        let rounds = (m.div_ceil(rows) * n.div_ceil(columns)).div_ceil(PROCESSORS);
        (rounds * rows * columns) as f32 / speed
    }
}
