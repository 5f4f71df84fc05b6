//! Tile tuning, once on each GPU.
//!
//! The host stores the result, and later runs use it.

use burn::tensor::Device;

use super::limits::Limits;
use super::warm_up::kernel_requirements;
use crate::families::Checkpoint;
use crate::kernels::{TileChoices, TileMeasurement, tune, tuning_shaders};
use crate::params::GenerationParams;

/// Tiles measured for each product.
const TILES: usize = 4;
/// Time limit for all measurements, seconds.
const BUDGET: f64 = 2.0;

/// The program in which tiles are measured, and its storage for them.
#[allow(async_fn_in_trait)] // Everything runs on one thread: no `Send` bound is needed.
pub trait TuningHost {
    /// Returns the time, seconds.
    fn seconds(&self) -> f64;

    /// Returns the JSON that was stored for this GPU, driver and release.
    async fn read(&self) -> Option<String>;

    /// Stores JSON. Returns whether it could; if not, the tiles are measured again next time.
    async fn write(&self, json: String) -> bool;

    /// Builds the pipelines of `shaders`, if this host can do it better than Burn's runtime.
    async fn build_pipelines(&self, shaders: Vec<String>);
}

/// Prepares the kernels of an expected run on the GPU `device`: installs the tiles that were
/// measured there, measures the missing ones within `BUDGET`, and lets the host build the
/// pipelines. A device without timestamps uses the tables.
///
/// The measured launches have operands of their own: the weights of `checkpoint` need not be
/// loaded. Not worth it on a software GPU.
pub async fn prepare_kernels(
    host: &impl TuningHost,
    checkpoint: &Checkpoint,
    device: &Device,
    limits: Limits,
    run: &GenerationParams,
) {
    let stored = stored_tiles(host).await;
    stored.install();
    let requirements = || kernel_requirements(checkpoint, device, limits, run);
    let Ok(mut required) = requirements() else { return };
    let mut missing = std::mem::take(&mut required.products);
    missing.retain(|(product, _)| stored.get(product).is_none());
    if !missing.is_empty() {
        host.build_pipelines(tuning_shaders(&missing, device, TILES)).await;
        let measured = tune(&missing, device, TILES, BUDGET, &|| host.seconds()).await;
        device.memory_cleanup();
        if !measured.is_empty() {
            let all = stored.updated_with(&measured);
            all.install();
            write_tiles(host, &all).await;
            // Other tiles have other shaders.
            required = requirements().unwrap_or(required);
        }
    }
    host.build_pipelines(required.shaders).await;
}

/// Adds `measured` to the tiles that `host` has stored. Returns whether they could be stored.
pub async fn store_tiles(host: &impl TuningHost, measured: &[TileMeasurement]) -> bool {
    let all = stored_tiles(host).await.updated_with(measured);
    write_tiles(host, &all).await
}

/// Returns the stored tiles; none if nothing was stored or it cannot be read.
async fn stored_tiles(host: &impl TuningHost) -> TileChoices {
    let json = host.read().await.unwrap_or_default();
    serde_json::from_str(&json).unwrap_or_default()
}

async fn write_tiles(host: &impl TuningHost, tiles: &TileChoices) -> bool {
    match serde_json::to_string(tiles) {
        Ok(json) => host.write(json).await,
        Err(_) => false,
    }
}
