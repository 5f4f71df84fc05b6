//! Caches of a UNet for one image.
//!
//! They hold what depends only on the prompt or the timestep, and mirror the network: every layer
//! fills its own cache, and reads it in each pass. Rows are found by the value of the timestep.

use burn::tensor::{DType, Tensor};

use super::unet_conditions::UNetConditions;
use crate::kernels::Shift;

/// Keys and values of an attention over the prompt.
#[derive(Debug, Clone)]
pub struct KeyValues {
    /// `[b, m, d]`
    pub k: Tensor<3>,
    /// `[b, m, d]`
    pub v: Tensor<3>,
}

/// Cache of a residual block.
#[derive(Debug, Clone)]
pub struct ResnetCache {
    /// Shift that the block adds for each timestep, `[timesteps · rows, c]`; `None` without a
    /// projection.
    pub(super) shifts: Option<Tensor<2>>,
}

/// Cache of a transformer block: the keys and values of the prompt.
#[derive(Debug, Clone)]
pub struct PromptKeyValues {
    /// Of the first attention, if it is a cross-attention.
    pub attn1: Option<KeyValues>,
    /// Of the second attention.
    pub attn2: KeyValues,
}

/// Cache of a transformer.
#[derive(Debug, Clone)]
pub struct TransformerCache {
    pub(super) blocks: Vec<PromptKeyValues>,
}

/// Cache of a down, middle or up block.
#[derive(Debug, Clone)]
pub struct BlockCache {
    pub(super) resnets: Vec<ResnetCache>,
    pub(super) attentions: Vec<TransformerCache>,
}

/// Cache of a UNet for the conditions of one image.
#[derive(Debug, Clone)]
pub struct UNetCache {
    pub(super) down: Vec<BlockCache>,
    pub(super) mid: Option<BlockCache>,
    pub(super) up: Vec<BlockCache>,
    pub(super) conditions: UNetConditions,
    /// Rows for each timestep: one for the whole batch, or one for each sample.
    pub(super) rows: usize,
    pub(super) timesteps: Vec<f64>,
    pub(super) activations: DType,
}

/// Position of a timestep's rows in the tables of the residual blocks.
#[derive(Debug, Clone, Copy)]
pub struct TimestepRow {
    row: usize,
    shared: bool,
}

impl UNetCache {
    /// Returns whether `timestep` is cached.
    pub fn has(&self, timestep: f64) -> bool {
        self.timesteps.contains(&timestep)
    }

    /// Returns the size of the batch that it is for.
    pub fn batch(&self) -> usize {
        self.conditions.encoder_hidden_states.dims()[0]
    }

    /// Returns the rows of `timestep` for a batch of this size; `None` if they are not cached.
    pub(super) fn row(&self, timestep: f64, batch: usize) -> Option<TimestepRow> {
        let index = self.timesteps.iter().position(|cached| *cached == timestep)?;
        (self.batch() == batch)
            .then_some(TimestepRow { row: index * self.rows, shared: self.rows == 1 })
    }
}

impl ResnetCache {
    /// Returns what the block adds at the timestep of `row`.
    pub(super) fn shift(&self, row: TimestepRow) -> Option<Shift> {
        let TimestepRow { row, shared } = row;
        self.shifts.clone().map(|table| Shift { table, row, shared })
    }

    /// Appends the rows of other timesteps.
    pub(super) fn append(&mut self, other: ResnetCache) {
        if let (Some(table), Some(rows)) = (self.shifts.take(), other.shifts) {
            self.shifts = Some(Tensor::cat(vec![table, rows], 0));
        }
    }
}
