//! UNet as a denoiser.

use std::rc::Rc;

use burn::tensor::{DType, Tensor};

use crate::error::Result;
use crate::model::{Network, UNetCache, UNetConditions, UNetHooks};
use crate::pipeline::{CallbackYieldPoint, Callbacks};
use crate::scheduler::Denoiser;

/// Predicts with a UNet, and caches all timesteps that are known in advance.
pub struct UNetDenoiser<'a, H> {
    network: Rc<Network>,
    cache: UNetCache,
    yield_point: CallbackYieldPoint<'a, H>,
}

impl<'a, H: Callbacks> UNetDenoiser<'a, H> {
    /// Returns a denoiser for `timesteps`; other timesteps cost more. `conditions` are for the
    /// batch of [`predict`](Denoiser::predict); `activations` is the number format between the
    /// UNet's layers.
    ///
    /// Between any two blocks of the network `callbacks` may yield to the event loop or end the
    /// run.
    ///
    /// # Errors
    /// If `network` is not a UNet.
    pub fn new(
        network: Rc<Network>,
        conditions: &UNetConditions,
        timesteps: &[f64],
        activations: DType,
        callbacks: &'a H,
    ) -> Result<Self> {
        let cache = network.unet()?.cache(timesteps, conditions, activations);
        Ok(UNetDenoiser { network, cache, yield_point: CallbackYieldPoint::new(callbacks) })
    }
}

impl<H: Callbacks> Denoiser for UNetDenoiser<'_, H> {
    async fn predict(&mut self, sample: Tensor<4>, timestep: f64) -> Result<Tensor<4>> {
        let unet = self.network.unet()?;
        if !self.cache.has(timestep) {
            unet.cache_timesteps(&mut self.cache, &[timestep]);
        }
        unet.forward(sample, timestep, &self.cache, &UNetHooks::default(), &self.yield_point)
            .await
            .map_err(|unfinished| self.yield_point.error(unfinished))
    }
}
