//! Passes that are gone through and not computed: their kernels are compiled, then dropped.

use std::cell::Cell;
use std::future::Future;

use cubecl::dry_run::DryRun;
use futures::FutureExt;

/// What a rehearsal takes of the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rehearsal {
    /// Pipelines alone: what our kernels write has no memory. For a pass beside a model that has its own.
    Pipelines,
    /// Memory too, as much as the pass would take: to weigh it.
    PipelinesAndMemory,
}

thread_local! {
    /// Set while a pass is rehearsed that takes no memory; see [`rehearse`].
    static WITHOUT_MEMORY: Cell<bool> = const { Cell::new(false) };
}

/// Goes through `pass` without computing anything. `None` if the pass waited for something: then it was
/// left there, for nothing that it waits for would ever be computed.
pub fn rehearse<T>(what: Rehearsal, pass: impl Future<Output = T>) -> Option<T> {
    // Nothing waits before both are dropped, so no other work on this thread meets them.
    let _nothing_runs = DryRun::new();
    let _without = WithoutMemory::begin(what == Rehearsal::Pipelines);
    pass.now_or_never()
}

/// Whether what is written now needs memory.
pub(super) fn takes_memory() -> bool {
    !WITHOUT_MEMORY.get()
}

/// Puts back what was set before, also if a pass panics.
struct WithoutMemory {
    before: bool,
}

impl WithoutMemory {
    fn begin(without: bool) -> Self {
        WithoutMemory { before: WITHOUT_MEMORY.replace(without) }
    }
}

impl Drop for WithoutMemory {
    fn drop(&mut self) {
        WITHOUT_MEMORY.set(self.before);
    }
}
