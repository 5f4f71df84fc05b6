//! How a product of matrices is cut into pieces, one for each workgroup.

use super::gpu::{self, Buffer, Launch};

/// One way to cut it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tile {
    /// Threads across and down.
    threads: [u32; 2],
    /// Rows of a thread.
    rows: u32,
    /// Columns of a thread, in fours.
    columns: u32,
    /// Of the inner axis in a step, in fours.
    depth: u32,
    /// Groups of threads that share out a step.
    split: u32,
}

const fn tile(threads: [u32; 2], rows: u32, columns: u32, depth: u32, split: u32) -> Tile {
    Tile { threads, rows, columns, depth, split }
}

const LARGE: Tile = tile([16, 16], 8, 2, 4, 1);
const MIDDLE: Tile = tile([8, 8], 8, 2, 4, 1);
const SMALL: Tile = tile([8, 8], 4, 1, 8, 4);

impl Tile {
    /// For `[m, n]` results of `k` products each.
    pub fn choose(_beside: &Buffer, [m, n, _k]: [usize; 3], gated: bool) -> Self {
        if m * n >= 128 * 128 * 128 {
            LARGE
        } else if m * n >= 64 * 64 * 128 {
            MIDDLE
        } else if gated {
            tile([8, 8], 4, 2, 8, 4)
        } else {
            SMALL
        }
    }

    /// The kernel's text.
    pub fn body(&self) -> &'static str {
        include_str!("conv2d.wgsl")
    }

    pub fn constants(&self, launch: Launch) -> Launch {
        launch
            .constant("TX", self.threads[0])
            .constant("TY", self.threads[1])
            .constant("TM", self.rows)
            .constant("TN4", self.columns)
            .constant("BK4", self.depth)
            .constant("KS", self.split)
    }

    /// Workgroups for `[m, n]` results.
    pub fn groups(&self, m: usize, n: usize, gated: bool) -> [usize; 3] {
        let rows = (self.threads[1] * self.rows) as usize;
        let columns = (self.threads[0] * self.columns * 4) as usize / if gated { 2 } else { 1 };
        gpu::lines(m.div_ceil(rows) * n.div_ceil(columns))
    }
}
