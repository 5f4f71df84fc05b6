//! UNet as a denoiser.

use std::rc::Rc;

use burn::tensor::{DType, Tensor};

use super::conditions::RunConditions;
use crate::error::Result;
use crate::model::{Network, UNetCache, UNetHooks};
use crate::pipeline::{CallbackYieldPoint, Callbacks};
use crate::scheduler::Denoiser;

/// Largest number of contexts whose keys and values are kept: each takes up to 51 MB for SDXL.
const MOST_CACHED: usize = 4;

/// Predicts with a UNet, and caches all timesteps that are known in advance.
pub struct UNetDenoiser<'a, H> {
    network: Rc<Network>,
    conditions: RunConditions,
    timesteps: Vec<f64>,
    activations: DType,
    /// Caches of a context's batches, with its index; the one used last stands at the end.
    cached: Vec<(usize, Vec<UNetCache>)>,
    /// Number of predictions so far.
    evaluation: usize,
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
        conditions: &RunConditions,
        timesteps: &[f64],
        activations: DType,
        callbacks: &'a H,
    ) -> Result<Self> {
        let mut denoiser = UNetDenoiser {
            network,
            conditions: conditions.clone(),
            timesteps: timesteps.to_vec(),
            activations,
            cached: Vec::new(),
            evaluation: 0,
            yield_point: CallbackYieldPoint::new(callbacks),
        };
        denoiser.cache(conditions.context_at(0))?;
        Ok(denoiser)
    }

    /// Puts the caches of a context at the end of the list, and fills them unless they are there.
    fn cache(&mut self, context: usize) -> Result<()> {
        if let Some(at) = self.cached.iter().position(|(cached, _)| *cached == context) {
            let caches = self.cached.remove(at);
            self.cached.push(caches);
            return Ok(());
        }
        if self.cached.len() == MOST_CACHED {
            self.cached.remove(0);
        }
        let is_of_context = |evaluation: usize| self.conditions.context_at(evaluation) == context;
        let timesteps = self.timesteps.iter().enumerate();
        let timesteps: Vec<f64> = timesteps
            .filter_map(|(evaluation, timestep)| is_of_context(evaluation).then_some(*timestep))
            .collect();
        let unet = self.network.unet()?;
        let batches = self.conditions.contexts[context].iter();
        let caches = batches.map(|batch| unet.cache(&timesteps, batch, self.activations)).collect();
        self.cached.push((context, caches));
        Ok(())
    }
}

impl<H: Callbacks> Denoiser for UNetDenoiser<'_, H> {
    async fn predict(&mut self, sample: Tensor<4>, timestep: f64) -> Result<Tensor<4>> {
        let context = self.conditions.context_at(self.evaluation);
        self.evaluation += 1;
        self.cache(context)?;
        let unet = self.network.unet()?;
        let mut rows = Vec::new();
        let mut begin = 0;
        let Some((_, caches)) = self.cached.last_mut() else { return Ok(sample) };
        let is_whole = caches.len() == 1;
        for cache in caches {
            if !cache.has(timestep) {
                unet.cache_timesteps(cache, &[timestep]);
            }
            let part = match is_whole {
                true => sample.clone(),
                false => {
                    let part = sample.clone().narrow(0, begin, cache.batch());
                    begin += cache.batch();
                    part
                }
            };
            let hooks = UNetHooks::default();
            let predicted = unet.forward(part, timestep, cache, &hooks, &self.yield_point).await;
            rows.push(predicted.map_err(|unfinished| self.yield_point.error(unfinished))?);
        }
        match rows.len() {
            1 => Ok(rows.remove(0)),
            _ => Ok(Tensor::cat(rows, 0)),
        }
    }
}
