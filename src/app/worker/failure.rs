//! Causes of GPU failures.
//!
//! A driver reports the cause later and elsewhere than the failing call.

use super::Worker;
use crate::app::event_loop::next_task;
use crate::device::Compute;
use crate::error::Error;
use crate::weights::browser::sleep;

impl Worker {
    /// Returns the cause of `error`, which ended a run at `size`, `[width, height]` in pixels.
    pub async fn gpu_cause(
        &self,
        error: Error,
        compute: &Compute,
        size: [usize; 2],
        guides: bool,
    ) -> Error {
        if !matches!(error, Error::Gpu { .. } | Error::OutOfMemory { .. }) {
            return error;
        }
        let cause = driver_error(compute).await;
        match cause.unwrap_or(error) {
            Error::OutOfMemory { .. } => {
                let footprint = self.footprint.borrow();
                let smaller = footprint
                    .as_ref()
                    .and_then(|(footprint, limits)| footprint.smaller_size(size, guides, *limits));
                Error::OutOfMemory { smaller }
            }
            cause => cause,
        }
    }
}

/// Waits up to one second for an error that the driver reports. A browser rejects the mapping of a
/// lost device's buffers at once and reports the loss later, in another task.
async fn driver_error(compute: &Compute) -> Option<Error> {
    const CHECKS: usize = 20;
    const PAUSE: u32 = 50; // milliseconds
    next_task().await;
    for _ in 0..CHECKS {
        if let Err(cause) = compute.check() {
            return Some(cause);
        }
        sleep(PAUSE).await;
    }
    None
}
