//! Why a run on a GPU failed: what a driver says of it comes later and elsewhere than the failure.

use super::Worker;
use crate::app::event_loop::next_task;
use crate::device::Compute;
use crate::error::Error;
use crate::weights::browser::sleep;

impl Worker {
    /// The cause of `error`, which ended a run for a picture of `size` pixels, `[width, height]`.
    pub async fn cause(
        &self,
        error: Error,
        compute: &Compute,
        size: [usize; 2],
        guides: bool,
    ) -> Error {
        if !matches!(error, Error::Gpu { .. } | Error::OutOfMemory { .. }) {
            return error;
        }
        let cause = reported(compute).await;
        match cause.unwrap_or(error) {
            Error::OutOfMemory { .. } => {
                let scales = self.scales.borrow();
                let smaller = scales
                    .as_ref()
                    .and_then(|(scales, limits)| scales.smaller_size(size, guides, *limits));
                Error::OutOfMemory { smaller }
            }
            cause => cause,
        }
    }
}

/// What the driver says by itself of a failure that a run has met. A browser refuses to map a lost device's buffers at once,
/// and tells of the loss later, in a task of its own.
async fn reported(compute: &Compute) -> Option<Error> {
    const LOOKS: usize = 20;
    const PAUSE: u32 = 50; // milliseconds
    next_task().await;
    for _ in 0..LOOKS {
        if let Err(cause) = compute.check() {
            return Some(cause);
        }
        sleep(PAUSE).await;
    }
    None
}
