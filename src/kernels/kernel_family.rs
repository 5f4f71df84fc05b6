//! Kernel families: for GPUs and for software GPUs.

use std::cell::Cell;
use std::fmt;

use super::scoped;

/// The kind of device that a kernel is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KernelFamily {
    /// GPUs: the invocations of a workgroup share tiles in workgroup memory.
    Tiled,
    /// Software GPUs (SwiftShader, lavapipe): barriers and workgroup memory are slow there, so each
    /// invocation works alone.
    Direct,
}

impl KernelFamily {
    /// All families.
    pub const ALL: [KernelFamily; 2] = [KernelFamily::Tiled, KernelFamily::Direct];
}

/// `tiled` or `direct`
impl fmt::Display for KernelFamily {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            KernelFamily::Tiled => "tiled",
            KernelFamily::Direct => "direct",
        })
    }
}

thread_local! {
    /// Set during [`with_kernel_family`]; otherwise the device decides.
    static FORCED: Cell<Option<KernelFamily>> = const { Cell::new(None) };
}

/// Calls `run` with the kernels of `family`, whatever the device.
pub fn with_kernel_family<T>(family: KernelFamily, run: impl FnOnce() -> T) -> T {
    scoped::with(&FORCED, Some(family), run)
}

/// Returns the family set by [`with_kernel_family`], if any.
pub(super) fn forced() -> Option<KernelFamily> {
    FORCED.get()
}
