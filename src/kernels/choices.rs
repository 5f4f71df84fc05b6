//! Which tile computes which product of matrices: as measured on the device, or as said.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A product of matrices, as far as the best tile depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Product {
    /// Results down: pixels or tokens of the whole batch.
    pub m: usize,
    /// Results across: channels.
    pub n: usize,
    /// Channels of the input.
    pub c: usize,
    /// 1 or 3.
    pub kernel: usize,
    /// As many results again gate these.
    pub gated: bool,
    /// Activations are f16, else f32.
    pub is_f16: bool,
    /// Weights are stored in f16, else in f32.
    pub stores_f16: bool,
}

/// A tile in workgroup memory: see the constants of `conv2d.wgsl`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Preset {
    /// Invocations across and down.
    pub(super) threads: [u32; 2],
    /// Rows of an invocation.
    pub(super) rows: u32,
    /// Columns of an invocation, in fours.
    pub(super) columns: u32,
    /// Of the inner axis in a step, in fours.
    pub(super) depth: u32,
    /// Groups of invocations that share out a step.
    pub(super) split: u32,
}

/// `16×16 threads of 8×8, steps of 16`
impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Preset { threads: [across, down], rows, columns, depth, split } = self;
        write!(f, "{across}×{down} threads of {rows}×{}, steps of {}", columns * 4, depth * 4)?;
        if *split > 1 { write!(f, " shared by {split}") } else { Ok(()) }
    }
}

/// The tile of each product that was measured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Choices(Vec<(Product, Preset)>);

impl FromIterator<(Product, Preset)> for Choices {
    fn from_iter<I: IntoIterator<Item = (Product, Preset)>>(pairs: I) -> Self {
        Choices(pairs.into_iter().collect())
    }
}

thread_local! {
    /// What was measured on this thread's device; see [`Choices::install`].
    static CHOICES: RefCell<BTreeMap<Product, Preset>> = const { RefCell::new(BTreeMap::new()) };
    /// Set while a tile is measured.
    static CANDIDATE: Cell<Option<Preset>> = const { Cell::new(None) };
}

impl Choices {
    /// Has every product computed on this thread from now on in the tile that was measured to be the fastest, where one was.
    pub fn install(&self) {
        CHOICES.replace(self.0.iter().copied().collect());
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (Product, Preset)> {
        self.0.iter().copied()
    }

    /// The tile of a product, if it was measured.
    pub fn of(&self, product: &Product) -> Option<Preset> {
        self.0.iter().find(|(of, _)| of == product).map(|(_, preset)| *preset)
    }
}

/// What a product is to be computed in, if that was said or measured.
pub(super) fn chosen(product: &Product) -> Option<Preset> {
    CANDIDATE.get().or_else(|| CHOICES.with_borrow(|choices| choices.get(product).copied()))
}

/// Calls `run`, all of whose products are computed in this tile.
pub fn with_tile<T>(preset: Preset, run: impl FnOnce() -> T) -> T {
    let _back = Back(CANDIDATE.replace(Some(preset)));
    run()
}

struct Back(Option<Preset>);

impl Drop for Back {
    fn drop(&mut self) {
        CANDIDATE.set(self.0);
    }
}
