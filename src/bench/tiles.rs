//! Tile measurement for chosen networks.

use super::dry_run::awaited;
use super::measure::Benchmark;
use super::workload::Workload;
use crate::device::Compute;
use crate::error::{Error, Message, Result};
use crate::kernels::{DryRun, MatrixProduct, Profile, TileMeasurement, dry_run, tune};

/// Measures the matrix products of `workloads` in up to `most` tiles each, within about `budget`
/// seconds. `clock` returns seconds.
///
/// # Errors
/// [`Error::Unsupported`] if products are not tiled on this device, or it has no timestamps.
pub async fn measure_tiles(
    workloads: &mut [Workload],
    compute: &Compute,
    most: usize,
    budget: f64,
    clock: &dyn Fn() -> f64,
) -> Result<Vec<TileMeasurement>> {
    Profile::start(false);
    let mut recorded = Ok(());
    for workload in workloads {
        let pass = async {
            workload.prepare(compute);
            workload.launch(compute).await
        };
        recorded = recorded.and(dry_run(DryRun::Shaders, pass).unwrap_or_else(|| Err(awaited())));
    }
    let profile = Profile::finish();
    recorded?;
    let products: Vec<(MatrixProduct, f64)> = profile.products.into_iter().collect();
    let measured = tune(&products, &compute.device, most, budget, clock).await;
    if measured.is_empty() {
        return Err(Error::Unsupported {
            path: "--tune".to_string(),
            what: Message::verbatim("a device without tiles or without timestamps"),
            remedy: Message::verbatim("Leave it out: the built-in tables are used"),
        });
    }
    Ok(measured)
}
