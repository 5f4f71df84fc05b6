//! The UNet as a denoiser.

use std::rc::Rc;

use burn::tensor::{DType, Tensor};

use crate::error::Result;
use crate::model::{Network, UNetCache, UNetConditions, UNetHooks};
use crate::pipeline::{Boundary, Host};
use crate::scheduler::Denoiser;

/// Predicts with a UNet, whose cache it fills for all timesteps that are known in advance.
pub struct UNetDenoiser<'a, H> {
    network: Rc<Network>,
    cache: UNetCache,
    boundary: Boundary<'a, H>,
}

impl<'a, H: Host> UNetDenoiser<'a, H> {
    /// A denoiser for `timesteps`, and at more cost for others. `conditions` are for the batch that
    /// [`predict`](Denoiser::predict) gets; `activations` is the number format between the UNet's layers.
    ///
    /// Between any two blocks of the network `host` may yield to the event loop or end the run.
    ///
    /// # Errors
    /// If `network` is no UNet.
    pub fn new(
        network: Rc<Network>,
        conditions: &UNetConditions,
        timesteps: &[f64],
        activations: DType,
        host: &'a H,
    ) -> Result<Self> {
        let cache = network.unet()?.cache(timesteps, conditions, activations);
        Ok(UNetDenoiser { network, cache, boundary: Boundary::new(host) })
    }
}

impl<H: Host> Denoiser for UNetDenoiser<'_, H> {
    async fn predict(&mut self, sample: Tensor<4>, timestep: f64) -> Result<Tensor<4>> {
        let unet = self.network.unet()?;
        if !self.cache.has(timestep) {
            unet.cache_timesteps(&mut self.cache, &[timestep]);
        }
        unet.forward(sample, timestep, &self.cache, &UNetHooks::default(), &self.boundary)
            .await
            .map_err(|unfinished| self.boundary.reason(unfinished))
    }
}
