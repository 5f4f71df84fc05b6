//! Row tiling of feature maps too large for one buffer.
//!
//! Each layer processes all tiles before the next layer starts: convolutions read a row of the
//! tiles above and below, and norms take their statistics of all tiles, so that the result is that
//! of the whole map. (diffusers decodes tiles of the image, whose norms see one tile each, and
//! blends the seams.) A map of one tile costs nothing extra.

use std::collections::VecDeque;

use burn::tensor::Tensor;

use super::yield_point::{Interrupted, YieldPoint};
use crate::kernels;

/// A feature map `[b, c, h, w]` as tiles `[b, c, hᵢ, w]`, from the top.
#[derive(Debug, Clone)]
pub struct RowTiles {
    tiles: VecDeque<Tensor<4>>,
}

/// Rows that a layer reads around a tile.
#[derive(Debug, Clone, Copy)]
pub struct Halo {
    /// Rows above.
    above: usize,
    /// Rows below.
    below: usize,
    /// Surplus rows of the layer's output because of them, above and below.
    surplus: [usize; 2],
}

impl Halo {
    /// A 3×3 convolution.
    pub const SAME: Halo = Halo { above: 1, below: 1, surplus: [1, 1] };
    /// A 3×3 convolution after upsampling to twice the size.
    pub const DOUBLED: Halo = Halo { above: 1, below: 1, surplus: [2, 2] };
    /// A convolution that halves the size, with zero padding below only.
    pub const HALVED: Halo = Halo { above: 0, below: 1, surplus: [0, 0] };
    /// A convolution that halves the size, with zero padding on every side.
    pub const HALVED_AROUND: Halo = Halo { above: 2, below: 0, surplus: [1, 0] };
    /// A pointwise layer.
    pub const NONE: Halo = Halo { above: 0, below: 0, surplus: [0, 0] };
}

impl From<Tensor<4>> for RowTiles {
    fn from(x: Tensor<4>) -> Self {
        RowTiles { tiles: VecDeque::from([x]) }
    }
}

impl RowTiles {
    /// Splits a map into tiles of `rows` rows; the last may have fewer.
    pub fn split(x: Tensor<4>, rows: usize) -> Self {
        let height = x.dims()[2];
        let tile = |top: usize| rows_of(&x, top, rows.min(height - top));
        RowTiles { tiles: (0..height).step_by(rows.max(1)).map(tile).collect() }
    }

    /// Concatenates the tiles.
    pub fn concatenate(self) -> Tensor<4> {
        concatenate_rows(self.tiles.into())
    }

    /// Returns the tile if it is the whole map, or else all tiles again.
    pub fn whole(mut self) -> Result<Tensor<4>, Self> {
        match self.tiles.len() {
            1 => self.tiles.pop_front().ok_or(self),
            _ => Err(self),
        }
    }

    /// Returns all tiles, from the top.
    pub fn parts(&mut self) -> &[Tensor<4>] {
        self.tiles.make_contiguous()
    }

    /// Removes the tile at the top.
    pub fn pop(&mut self) -> Option<Tensor<4>> {
        self.tiles.pop_front()
    }

    /// Applies `layer` to each tile with the rows around it, then `finish` to its result. A tile is
    /// dropped when it is no longer needed.
    ///
    /// # Errors
    /// [`Interrupted`] if `yield_point` interrupts between two tiles.
    pub async fn for_each_tile(
        mut self,
        halo: Halo,
        yield_point: &impl YieldPoint,
        mut layer: impl FnMut(Tensor<4>) -> Tensor<4>,
        mut finish: impl FnMut(Tensor<4>) -> Tensor<4>,
    ) -> Result<Self, Interrupted> {
        let is_whole = self.tiles.len() == 1;
        let mut done = VecDeque::new();
        let mut above: Option<Tensor<4>> = None;
        while let Some(tile) = self.tiles.pop_front() {
            let rows = tile.dims()[2];
            let last = (halo.above > 0).then(|| rows_of(&tile, rows - halo.above, halo.above));
            let next = self.tiles.front().filter(|_| halo.below > 0);
            let below = next.map(|next| rows_of(next, 0, halo.below));
            let [top, bottom] = halo.surplus;
            let (top, bottom) =
                (above.as_ref().map_or(0, |_| top), below.as_ref().map_or(0, |_| bottom));
            let around = above.take().into_iter().chain([tile]).chain(below).collect();
            let out = layer(concatenate_rows(around));
            let height = out.dims()[2] - top - bottom;
            done.push_back(finish(rows_of(&out, top, height)));
            above = last;
            if !is_whole {
                yield_point.yield_now().await?;
            }
        }
        Ok(RowTiles { tiles: done })
    }
}

/// Returns `a + b`, computed in a GPU's channels-last order.
pub fn add(a: Tensor<4>, b: Tensor<4>) -> Tensor<4> {
    kernels::add(a.permute([0, 2, 3, 1]), b.permute([0, 2, 3, 1])).permute([0, 3, 1, 2])
}

/// Returns `rows` rows from `top`.
fn rows_of(x: &Tensor<4>, top: usize, rows: usize) -> Tensor<4> {
    match (top, rows) == (0, x.dims()[2]) {
        true => x.clone(),
        false => x.clone().permute([0, 2, 3, 1]).narrow(1, top, rows).permute([0, 3, 1, 2]),
    }
}

fn concatenate_rows(mut tiles: Vec<Tensor<4>>) -> Tensor<4> {
    match tiles.len() {
        1 => tiles.swap_remove(0),
        _ => {
            let tiles = tiles.into_iter().map(|tile| tile.permute([0, 2, 3, 1])).collect();
            kernels::cat(tiles, 1).permute([0, 3, 1, 2])
        }
    }
}
