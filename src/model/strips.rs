//! Feature maps too large for one buffer: strips of their rows, one below the other, each a tensor.
//!
//! A layer goes over all strips before the next one begins: convolutions read a row of the strips above
//! and below, norms take their statistics of all. So the result is that of the whole. (diffusers decodes
//! tiles instead, whose norms see a tile each, and blends the seams.) A map that is one strip is the
//! whole, and costs nothing.

use std::collections::VecDeque;

use burn::tensor::Tensor;

use super::block_boundary::{BlockBoundary, Interrupted};

/// `[b, c, h, w]`, cut into `[b, c, hᵢ, w]`.
#[derive(Debug, Clone)]
pub struct Strips {
    strips: VecDeque<Tensor<4>>,
}

/// What a layer reads around a strip.
#[derive(Debug, Clone, Copy)]
pub struct Halo {
    /// Rows above.
    above: usize,
    /// Rows below.
    below: usize,
    /// Rows that the result has too many for them, above and below.
    surplus: [usize; 2],
}

impl Halo {
    /// Of a 3×3 convolution.
    pub const SAME: Halo = Halo { above: 1, below: 1, surplus: [1, 1] };
    /// Of one that doubles the size first.
    pub const DOUBLED: Halo = Halo { above: 1, below: 1, surplus: [2, 2] };
    /// Of one that halves the size, with zeros below only.
    pub const HALVED: Halo = Halo { above: 0, below: 1, surplus: [0, 0] };
    /// The same with a zero on every side.
    pub const HALVED_AROUND: Halo = Halo { above: 2, below: 0, surplus: [1, 0] };
    /// Of what works on each pixel for itself.
    pub const NONE: Halo = Halo { above: 0, below: 0, surplus: [0, 0] };
}

impl From<Tensor<4>> for Strips {
    fn from(x: Tensor<4>) -> Self {
        Strips { strips: VecDeque::from([x]) }
    }
}

impl Strips {
    /// Strips of `rows` rows; the last may have fewer.
    pub fn cut(x: Tensor<4>, rows: usize) -> Self {
        let height = x.dims()[2];
        let strip = |top: usize| take(&x, top, rows.min(height - top));
        Strips { strips: (0..height).step_by(rows.max(1)).map(strip).collect() }
    }

    /// One tensor.
    pub fn joined(self) -> Tensor<4> {
        below_one_another(self.strips.into())
    }

    /// The one that is the whole, or all of them again.
    pub fn whole(mut self) -> Result<Tensor<4>, Self> {
        match self.strips.len() {
            1 => self.strips.pop_front().ok_or(self),
            _ => Err(self),
        }
    }

    /// All of them, from the top.
    pub fn parts(&mut self) -> &[Tensor<4>] {
        self.strips.make_contiguous()
    }

    /// The strip at the top, which is no longer there.
    pub fn pop(&mut self) -> Option<Tensor<4>> {
        self.strips.pop_front()
    }

    /// `layer` for each strip and the rows around it, then `finish` for its result. A strip is let go of
    /// when it is no longer needed.
    ///
    /// # Errors
    /// [`Interrupted`] if `boundary` says so between two strips.
    pub async fn each(
        mut self,
        halo: Halo,
        boundary: &impl BlockBoundary,
        mut layer: impl FnMut(Tensor<4>) -> Tensor<4>,
        mut finish: impl FnMut(Tensor<4>) -> Tensor<4>,
    ) -> Result<Self, Interrupted> {
        let is_whole = self.strips.len() == 1;
        let mut done = VecDeque::new();
        let mut above: Option<Tensor<4>> = None;
        while let Some(strip) = self.strips.pop_front() {
            let rows = strip.dims()[2];
            let last = (halo.above > 0).then(|| take(&strip, rows - halo.above, halo.above));
            let next = self.strips.front().filter(|_| halo.below > 0);
            let below = next.map(|next| take(next, 0, halo.below));
            let [top, bottom] = halo.surplus;
            let (top, bottom) =
                (above.as_ref().map_or(0, |_| top), below.as_ref().map_or(0, |_| bottom));
            let around = above.take().into_iter().chain([strip]).chain(below).collect();
            let out = layer(below_one_another(around));
            let height = out.dims()[2] - top - bottom;
            done.push_back(finish(take(&out, top, height)));
            above = last;
            if !is_whole {
                boundary.reached().await?;
            }
        }
        Ok(Strips { strips: done })
    }
}

/// `a + b`, in the order in which both lie in a GPU's memory.
pub fn add(a: Tensor<4>, b: Tensor<4>) -> Tensor<4> {
    a.permute([0, 2, 3, 1]).add(b.permute([0, 2, 3, 1])).permute([0, 3, 1, 2])
}

/// Some rows.
fn take(x: &Tensor<4>, top: usize, rows: usize) -> Tensor<4> {
    match (top, rows) == (0, x.dims()[2]) {
        true => x.clone(),
        false => x.clone().permute([0, 2, 3, 1]).narrow(1, top, rows).permute([0, 3, 1, 2]),
    }
}

fn below_one_another(mut strips: Vec<Tensor<4>>) -> Tensor<4> {
    match strips.len() {
        1 => strips.swap_remove(0),
        _ => {
            let strips = strips.into_iter().map(|strip| strip.permute([0, 2, 3, 1])).collect();
            Tensor::cat(strips, 1).permute([0, 3, 1, 2])
        }
    }
}
