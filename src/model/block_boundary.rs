//! Where a forward pass may be left: between two blocks.

/// The pass was left before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interrupted;

/// Why a pass has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfinished {
    /// See [`Interrupted`].
    Interrupted,
    /// The cache is another network's, for another batch, or has no such timestep.
    NotCached,
    /// There must be a residual for every skip connection.
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

/// Asked between any two blocks of a network. Who waits there lets the event loop run; who
/// answers with [`Interrupted`] ends the pass.
#[allow(async_fn_in_trait)] // Everything runs on one thread: no `Send` bound is wanted.
pub trait BlockBoundary {
    /// A block is done, the next has not begun.
    async fn reached(&self) -> Result<(), Interrupted>;

    /// So many parts of a pass are done.
    fn part(&self, _done: usize, _total: usize) {}
}

/// Goes through without a stop.
#[derive(Debug, Clone, Copy)]
pub struct Uninterrupted;

impl BlockBoundary for Uninterrupted {
    async fn reached(&self) -> Result<(), Interrupted> {
        Ok(())
    }
}
