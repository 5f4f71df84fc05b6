//! Dry runs, which compile kernels without computing anything.

use std::cell::Cell;
use std::future::Future;

use futures::FutureExt;

use super::scoped;

/// How far a dry run uses the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DryRun {
    /// Only the WGSL of our kernels is generated, for
    /// [`Profile::sources`](super::Profile::sources): no pipelines, and no memory for outputs.
    Shaders,
    /// Pipelines are built, but outputs take no memory. For use beside a loaded model.
    Pipelines,
    /// Pipelines are built and outputs take as much memory as in a real run, so that it can be
    /// measured.
    PipelinesAndMemory,
}

thread_local! {
    /// Set during [`dry_run`].
    static DRY_RUN: Cell<Option<DryRun>> = const { Cell::new(None) };
}

/// Runs `pass` without computing anything. Returns `None` if the pass awaited something that was
/// not ready: it is then dropped, because nothing is computed that could make it ready.
pub fn dry_run<T>(mode: DryRun, pass: impl Future<Output = T>) -> Option<T> {
    // Ends before anything else on this thread can run.
    let _nothing_runs = cubecl::dry_run::DryRun::new();
    scoped::with(&DRY_RUN, Some(mode), || pass.now_or_never())
}

/// Returns whether outputs need memory now.
pub(super) fn allocates() -> bool {
    matches!(DRY_RUN.get(), None | Some(DryRun::PipelinesAndMemory))
}

/// Returns whether kernels are submitted to the device now.
pub(super) fn launches() -> bool {
    DRY_RUN.get() != Some(DryRun::Shaders)
}
