//! Why a run on a GPU failed: what a driver says of it comes later and elsewhere than the failure.

use super::Worker;
use crate::app::event_loop::next_task;
use crate::device::Compute;
use crate::error::Error;

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
        next_task().await; // The browser tells of a lost device in a task of its own.
        match compute.check().err().unwrap_or(error) {
            Error::OutOfMemory { .. } => {
                let scales = self.scales.borrow();
                let smaller = scales
                    .as_ref()
                    .and_then(|(scales, limits)| scales.smaller(size, guides, *limits));
                Error::OutOfMemory { smaller }
            }
            cause => cause,
        }
    }
}
