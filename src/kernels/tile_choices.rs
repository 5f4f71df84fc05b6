//! Measured or forced tiles of matrix products.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::scoped;

/// A matrix product (a convolution is one as well), as far as the best tile depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MatrixProduct {
    /// Rows of the result: pixels or tokens of the whole batch.
    pub m: usize,
    /// Columns of the result: output channels.
    pub n: usize,
    /// Input channels.
    pub c: usize,
    /// Side of the convolution kernel: 1 or 3.
    pub kernel: usize,
    /// GEGLU: `n` more columns are computed as gates.
    pub gated: bool,
    /// Activations are in f16, else in f32.
    pub is_f16: bool,
    /// Weights are stored in f16, else in f32.
    pub stores_f16: bool,
}

/// The parameters of a tile in workgroup memory; see the constants of `conv2d.wgsl`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TileConfig {
    /// Invocations of a workgroup, across and down.
    pub(super) threads: [u32; 2],
    /// Rows computed by an invocation.
    pub(super) rows: u32,
    /// Columns computed by an invocation, in vec4s.
    pub(super) columns: u32,
    /// Length of a step along the inner axis, in vec4s.
    pub(super) depth: u32,
    /// Groups of invocations that divide a step among them.
    pub(super) split: u32,
}

/// `16×16 threads of 8×8, steps of 16`
impl fmt::Display for TileConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TileConfig { threads: [across, down], rows, columns, depth, split } = self;
        write!(f, "{across}×{down} threads of {rows}×{}, steps of {}", columns * 4, depth * 4)?;
        if *split > 1 { write!(f, " shared by {split}") } else { Ok(()) }
    }
}

/// The fastest tile of each measured product.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TileChoices(Vec<(MatrixProduct, TileConfig)>);

impl FromIterator<(MatrixProduct, TileConfig)> for TileChoices {
    fn from_iter<I: IntoIterator<Item = (MatrixProduct, TileConfig)>>(pairs: I) -> Self {
        TileChoices(pairs.into_iter().collect())
    }
}

thread_local! {
    /// The installed choices; see [`TileChoices::install`].
    static CHOICES: RefCell<BTreeMap<MatrixProduct, TileConfig>> = const { RefCell::new(BTreeMap::new()) };
    /// Set during [`with_tile`].
    static CANDIDATE: Cell<Option<TileConfig>> = const { Cell::new(None) };
}

impl TileChoices {
    /// Makes every measured product on this thread use its tile from now on.
    pub fn install(&self) {
        CHOICES.replace(self.0.iter().copied().collect());
    }

    /// Returns all choices.
    pub fn iter(&self) -> impl Iterator<Item = (MatrixProduct, TileConfig)> {
        self.0.iter().copied()
    }

    /// Returns the tile of a product, if it was measured.
    pub fn get(&self, product: &MatrixProduct) -> Option<TileConfig> {
        self.0.iter().find(|(measured, _)| measured == product).map(|(_, config)| *config)
    }
}

/// Returns the tile for a product that was set by [`with_tile`] or installed, if any.
pub(super) fn chosen(product: &MatrixProduct) -> Option<TileConfig> {
    CANDIDATE.get().or_else(|| CHOICES.with_borrow(|choices| choices.get(product).copied()))
}

/// Calls `run`, all of whose matrix products use the tile `config`.
pub fn with_tile<T>(config: TileConfig, run: impl FnOnce() -> T) -> T {
    scoped::with(&CANDIDATE, Some(config), run)
}
