//! Yield points of a forward pass.

/// The pass was interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interrupted;

/// Reasons for a pass without a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfinished {
    /// See [`Interrupted`].
    Interrupted,
    /// The cache belongs to another network or batch, or lacks the timestep.
    NotCached,
    /// The number of residuals is not that of the skip connections.
    Residuals {
        /// Number of skip connections.
        expected: usize,
        /// Number of residuals.
        given: usize,
    },
}

impl From<Interrupted> for Unfinished {
    fn from(_: Interrupted) -> Self {
        Unfinished::Interrupted
    }
}

/// Yields between any two blocks of a network, and can interrupt the pass.
#[allow(async_fn_in_trait)] // Everything runs on one thread: no `Send` bound is wanted.
pub trait YieldPoint {
    /// Called between two blocks: yields to the event loop, or interrupts the pass.
    async fn yield_now(&self) -> Result<(), Interrupted>;

    /// Receives the progress of the pass: finished parts and all parts.
    fn progress(&self, _done: usize, _total: usize) {}
}

/// A yield point that never yields or interrupts.
#[derive(Debug, Clone, Copy)]
pub struct Uninterrupted;

impl YieldPoint for Uninterrupted {
    async fn yield_now(&self) -> Result<(), Interrupted> {
        Ok(())
    }
}
