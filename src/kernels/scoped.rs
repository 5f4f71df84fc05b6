//! Thread-local settings that hold during a call.

use std::cell::Cell;
use std::thread::LocalKey;

/// Calls `run` with `setting` set to `value`, and restores the previous value afterwards, also
/// after a panic.
pub(super) fn with<T: Copy + 'static, R>(
    setting: &'static LocalKey<Cell<T>>,
    value: T,
    run: impl FnOnce() -> R,
) -> R {
    let _restore = Restore { setting, previous: setting.replace(value) };
    run()
}

struct Restore<T: Copy + 'static> {
    setting: &'static LocalKey<Cell<T>>,
    previous: T,
}

impl<T: Copy + 'static> Drop for Restore<T> {
    fn drop(&mut self) {
        self.setting.set(self.previous);
    }
}
