//! Tiles of products: measured once on each GPU, kept, and used from then on.

use burn::tensor::Device;

use super::limits::Limits;
use super::warm_up::needs;
use crate::kernels::{self, Choices, tune};
use crate::params::GenerationParams;
use crate::weights::Checkpoint;

/// Tiles that are tried for a product.
const TRIED: usize = 4;
/// Seconds that all of them may take.
const BUDGET: f64 = 2.0;

/// The program that tiles are measured in, and where it keeps them.
#[allow(async_fn_in_trait)] // Everything runs on one thread: no `Send` bound is wanted.
pub trait TileHost {
    /// A clock, seconds.
    fn seconds(&self) -> f64;

    /// What was kept for this GPU, driver and release.
    async fn read(&self) -> Option<String>;

    /// Keeps it. Without it the tiles are measured again next time.
    async fn keep(&self, json: String);

    /// Builds the pipelines of these shaders, where this host can do it better than the runtime.
    async fn build(&self, shaders: Vec<String>);
}

/// Readies the kernels of such a picture on the GPU `device`: has products computed in the tiles that were measured there,
/// measures those that were not within two seconds, and has the host build the pipelines. A device that tells no times keeps
/// the tables.
///
/// What is measured are launches with operands of their own: the weights of `checkpoint` need not be there. A program that
/// behaves like a GPU should be left alone.
pub async fn prepare_kernels(
    host: &impl TileHost,
    checkpoint: &Checkpoint,
    device: &Device,
    limits: Limits,
    picture: &GenerationParams,
) {
    let json = host.read().await.unwrap_or_default();
    let kept: Choices = serde_json::from_str(&json).unwrap_or_default();
    kept.install();
    let asked = || needs(checkpoint, device, limits, picture);
    let Ok(mut needed) = asked() else { return };
    let mut missing = std::mem::take(&mut needed.products);
    missing.retain(|(product, _)| kept.of(product).is_none());
    if !missing.is_empty() {
        host.build(kernels::tuning_shaders(&missing, device, TRIED)).await;
        let measured = tune(&missing, device, TRIED, BUDGET, &|| host.seconds()).await;
        device.memory_cleanup();
        if !measured.is_empty() {
            let all = kept.with(&measured);
            all.install();
            if let Ok(json) = serde_json::to_string(&all) {
                host.keep(json).await;
            }
            // Another tile is another shader.
            needed = asked().unwrap_or(needed);
        }
    }
    host.build(needed.shaders).await;
}
