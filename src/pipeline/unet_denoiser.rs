//! The UNet as a denoiser.

use burn::tensor::{DType, Tensor};

use super::host::{Boundary, Host};
use crate::error::Result;
use crate::model::{UNet2DConditionModel, UNetCache, UNetConditions, UNetHooks};
use crate::scheduler::Denoiser;

/// Predicts with a UNet, whose cache it fills for all timesteps that are known in advance.
pub struct UNetDenoiser<'a, H> {
    unet: &'a UNet2DConditionModel,
    cache: UNetCache,
    boundary: Boundary<'a, H>,
}

impl<'a, H: Host> UNetDenoiser<'a, H> {
    /// A denoiser for `timesteps`, and at more cost for others. `conditions` are for the batch that
    /// [`predict`](Denoiser::predict) gets; `activations` is the number format between the UNet's layers.
    ///
    /// Between any two blocks of the network `host` may yield to the event loop or end the run.
    pub fn new(
        unet: &'a UNet2DConditionModel,
        conditions: &UNetConditions,
        timesteps: &[f64],
        activations: DType,
        host: &'a H,
    ) -> Self {
        let cache = unet.cache(timesteps, conditions, activations);
        UNetDenoiser { unet, cache, boundary: Boundary::new(host) }
    }
}

impl<H: Host> Denoiser for UNetDenoiser<'_, H> {
    async fn predict(&mut self, sample: Tensor<4>, timestep: f64) -> Result<Tensor<4>> {
        if !self.cache.has(timestep) {
            self.unet.cache_timesteps(&mut self.cache, &[timestep]);
        }
        self.unet
            .forward(sample, timestep, &self.cache, &UNetHooks::default(), &self.boundary)
            .await
            .map_err(|unfinished| self.boundary.reason(unfinished))
    }
}
