//! Passes that are gone through and not computed: their kernels are compiled, then dropped.

use std::cell::Cell;
use std::future::Future;

use cubecl::dry_run::DryRun;
use futures::FutureExt;

/// What a rehearsal takes of the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rehearsal {
    /// The text of our kernels alone, for who counts them ([`Tally::sources`](super::Tally::sources)): no pipelines, and no
    /// memory for what they write.
    Shaders,
    /// Pipelines too, but no memory. For a pass beside a model that has its own.
    Pipelines,
    /// Memory too, as much as the pass would take: to weigh it.
    PipelinesAndMemory,
}

thread_local! {
    /// Set while a pass is rehearsed; see [`rehearse`].
    static REHEARSAL: Cell<Option<Rehearsal>> = const { Cell::new(None) };
}

/// Goes through `pass` without computing anything. `None` if the pass waited for something: then it was
/// left there, for nothing that it waits for would ever be computed.
pub fn rehearse<T>(what: Rehearsal, pass: impl Future<Output = T>) -> Option<T> {
    // Nothing waits before both are dropped, so no other work on this thread meets them.
    let _nothing_runs = DryRun::new();
    let _back = Back(REHEARSAL.replace(Some(what)));
    pass.now_or_never()
}

/// Whether what is written now needs memory.
pub(super) fn takes_memory() -> bool {
    matches!(REHEARSAL.get(), None | Some(Rehearsal::PipelinesAndMemory))
}

/// Whether kernels are to be handed to the device now.
pub(super) fn takes_launches() -> bool {
    REHEARSAL.get() != Some(Rehearsal::Shaders)
}

/// Puts back what was set before, also if a pass panics.
struct Back(Option<Rehearsal>);

impl Drop for Back {
    fn drop(&mut self) {
        REHEARSAL.set(self.0);
    }
}
