//! Tiles of products, measured for the networks that are named.

use super::measure::Subject;
use super::workload::Workload;
use crate::device::Compute;
use crate::error::{Error, Message, Result};
use crate::kernels::{Choices, Measured, Product, Rehearsal, Tally, rehearse, tune};

/// Measures the products of `workloads` in up to `most` tiles each, within about `budget` seconds. `clock` gives seconds.
///
/// # Errors
/// [`Error::Unsupported`] where products are not cut into tiles, or the device tells no times.
pub async fn measure_tiles(
    workloads: &mut [Workload],
    compute: &Compute,
    most: usize,
    budget: f64,
    clock: &dyn Fn() -> f64,
) -> Result<Vec<Measured>> {
    Tally::begin(false);
    let mut gone_through = Ok(());
    for workload in workloads {
        let pass = async {
            workload.prepare(compute);
            workload.launch(compute).await
        };
        let waited = || Err(Error::Internal { reason: Message::verbatim("a pass waited") });
        gone_through = gone_through.and(rehearse(Rehearsal::Shaders, pass).unwrap_or_else(waited));
    }
    let tally = Tally::end();
    gone_through?;
    let products: Vec<(Product, f64)> = tally.products.into_iter().collect();
    let measured = tune(&products, &compute.device, most, budget, clock).await;
    if measured.is_empty() {
        return Err(Error::Unsupported {
            path: "--tune".to_string(),
            what: Message::verbatim(
                "a device whose products are not cut into tiles, or that tells no times",
            ),
            remedy: Message::verbatim("Leave it out: the tables are used"),
        });
    }
    Ok(measured)
}

/// What is kept, as JSON, with what was measured now.
pub fn keep_tiles(kept: &str, measured: &[Measured]) -> Result<String> {
    let kept: Choices = serde_json::from_str(kept).unwrap_or_default();
    serde_json::to_string(&kept.with(measured))
        .map_err(|e| Error::Internal { reason: Message::verbatim(e) })
}
