//! What of a UNet's work is the same in every step, or depends on nothing but the timestep: done once for
//! a picture.

use std::cell::Cell;

use burn::tensor::{DType, Tensor};

use super::layers::Linear;
use crate::kernels::Shift;

/// Keys and values of an attention, `[b, m, d]` each.
#[derive(Debug, Clone)]
pub struct Context {
    /// `[b, m, d]`
    pub k: Tensor<3>,
    /// `[b, m, d]`
    pub v: Tensor<3>,
}

/// Collects what the blocks of a network want prepared, in the order in which a pass meets them.
pub struct Preparation {
    /// The timesteps, embedded and activated, `[steps · rows, time_embed_dim]`.
    temb: Tensor<2>,
    /// The prompt's states, `[b, m, d_c]`.
    encoder_hidden_states: Tensor<3>,
    /// `[steps · rows, c]` for each residual block.
    shifts: Vec<Tensor<2>>,
    /// For each attention over the prompt.
    contexts: Vec<Context>,
}

impl Preparation {
    /// See the fields of the same names.
    pub fn new(temb: Tensor<2>, encoder_hidden_states: Tensor<3>) -> Self {
        let (shifts, contexts) = (Vec::new(), Vec::new());
        Preparation { temb, encoder_hidden_states, shifts, contexts }
    }

    /// For the next residual block: what its timestep adds.
    pub fn shift(&mut self, time_emb_proj: &Linear) {
        self.shifts.push(time_emb_proj.forward(self.temb.clone()));
    }

    /// For the next attention over the prompt.
    pub fn context(&mut self, of: impl FnOnce(Tensor<3>) -> Context) {
        self.contexts.push(of(self.encoder_hidden_states.clone()));
    }

    /// All of it. `rows` are those of one step: one for the whole batch, or one for each picture.
    pub fn done(self, rows: usize) -> Prepared {
        let activations = self.encoder_hidden_states.dtype();
        let Preparation { shifts, contexts, .. } = self;
        Prepared { shifts, contexts, rows, activations }
    }
}

/// What was prepared for a picture.
#[derive(Debug, Clone)]
pub struct Prepared {
    shifts: Vec<Tensor<2>>,
    contexts: Vec<Context>,
    rows: usize,
    activations: DType,
}

impl Prepared {
    /// For the step of this index, and a batch of so many; `None` if that was not prepared.
    pub fn step(&self, index: usize, batch: usize) -> Option<Step<'_>> {
        let (next_shift, next_context) = (Cell::new(0), Cell::new(0));
        let row = index.checked_mul(self.rows)?;
        let has_rows = self.shifts.iter().all(|table| row + self.rows <= table.dims()[0]);
        let has_batch = self.contexts.iter().all(|context| context.k.dims()[0] == batch);
        let is_there = has_rows && has_batch && (self.rows == 1 || self.rows == batch);
        is_there.then_some(Step { prepared: self, row, next_shift, next_context })
    }

    /// The number format of everything that flows between layers.
    pub fn activations(&self) -> DType {
        self.activations
    }
}

/// One step's part of what was prepared, handed out in the order in which it was collected.
pub struct Step<'a> {
    prepared: &'a Prepared,
    row: usize,
    next_shift: Cell<usize>,
    next_context: Cell<usize>,
}

impl Step<'_> {
    /// For the next residual block.
    pub fn shift(&self) -> Option<Shift> {
        let table = self.prepared.shifts.get(self.next_shift.replace(self.next_shift.get() + 1))?;
        Some(Shift { table: table.clone(), row: self.row, shared: self.prepared.rows == 1 })
    }

    /// For the next attention over the prompt.
    pub fn context(&self) -> Option<Context> {
        let next = self.next_context.replace(self.next_context.get() + 1);
        self.prepared.contexts.get(next).cloned()
    }

    /// Whether the pass has taken all that was prepared, and asked for no more: else it was prepared for
    /// another network.
    pub fn is_used_up(&self) -> bool {
        let Prepared { shifts, contexts, .. } = self.prepared;
        self.next_shift.get() == shifts.len() && self.next_context.get() == contexts.len()
    }
}
