//! Kernels are written twice: for GPUs, and for programs that behave like one.

use std::cell::Cell;
use std::fmt;

/// For what kind of device a kernel is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// GPUs: workgroups share tiles in their memory.
    Tiled,
    /// Programs that behave like a GPU, for which barriers and that memory are dear: every invocation
    /// goes alone.
    Direct,
}

impl Family {
    /// Both.
    pub const ALL: [Family; 2] = [Family::Tiled, Family::Direct];
}

/// `tiled` or `direct`
impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Family::Tiled => "tiled",
            Family::Direct => "direct",
        })
    }
}

thread_local! {
    /// Set while kernels are checked; else the device decides.
    static CHOSEN: Cell<Option<Family>> = const { Cell::new(None) };
}

/// Calls `run`, whose kernels are of this `family` whatever the device.
pub fn with_family<T>(family: Family, run: impl FnOnce() -> T) -> T {
    let _back = Back(CHOSEN.replace(Some(family)));
    run()
}

/// What was chosen, if anything was.
pub(super) fn chosen() -> Option<Family> {
    CHOSEN.get()
}

/// Puts back what was chosen before, also after a panic.
struct Back(Option<Family>);

impl Drop for Back {
    fn drop(&mut self) {
        CHOSEN.set(self.0);
    }
}
