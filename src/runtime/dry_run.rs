//! Dry run of a model's networks, whose weights are placeholders.
//!
//! It calls the family's own code with the shapes and number formats of a run. What it is for is
//! set around it: [`kernels::dry_run`] builds pipelines, [`kernels::count_memory`] counts memory.

use std::collections::BTreeMap;
use std::rc::Rc;

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Device, Tensor};

use crate::error::Result;
use crate::families::{AnyFamily, Checkpoint, lacks};
use crate::kernels::{self, StorageFormat};
use crate::model::{Component, Network, NetworkConfig};
use crate::params::GenerationParams;
use crate::pipeline::{Activations, CallbackYieldPoint, Callbacks, NetworkProvider, PipelineEvent};

/// The networks of a checkpoint without their weights.
#[derive(Debug, Clone)]
pub(super) struct Blueprint {
    pub family: AnyFamily,
    pub networks: BTreeMap<Component, (NetworkConfig, StorageFormat)>,
}

impl Blueprint {
    /// Returns the networks of `checkpoint`.
    pub fn new(checkpoint: &Checkpoint) -> Self {
        let networks = checkpoint.components.iter().map(|(component, files)| {
            let format = checkpoint.precision.on_gpu(&files.tensors);
            (*component, (files.config.clone(), format))
        });
        Blueprint { family: checkpoint.family.clone(), networks: networks.collect() }
    }
}

/// A dry run of one image.
pub(super) struct Pass<'a> {
    pub blueprint: &'a Blueprint,
    pub device: &'a Device,
    pub activations: Activations,
    pub params: &'a GenerationParams,
}

impl Pass<'_> {
    /// Calls the text encoders and the denoising network.
    pub async fn denoise(&self) -> Result<()> {
        let family = &self.blueprint.family;
        family.dry_run(self.params, self.activations.denoiser, self.device, self, &Quiet).await
    }

    /// Calls the decoder of the autoencoder.
    pub async fn decode(&self) -> Result<()> {
        let network = self.network(Component::VAE, &Quiet).await?;
        let latents = self.latents();
        let yield_point = CallbackYieldPoint::new(&Quiet);
        let decoded = network.vae()?.decode(latents, self.activations.vae, &yield_point).await;
        decoded.map(drop).map_err(|interrupted| yield_point.error(interrupted))
    }

    /// Calls the encoder of the autoencoder.
    pub async fn encode(&self) -> Result<()> {
        let network = self.network(Component::VAE, &Quiet).await?;
        let factor = self.blueprint.family.vae().scale_factor();
        let [width, height] = self.params.size().map(|side| side / factor * factor);
        let image = kernels::dry_run_input([1, 3, height, width], self.device);
        let mut noise = || self.latents();
        let yield_point = CallbackYieldPoint::new(&Quiet);
        let vae = network.vae()?;
        let encoded = vae.encode(image, self.activations.vae, &mut noise, &yield_point).await;
        encoded.map(drop).map_err(|interrupted| yield_point.error(interrupted))
    }

    /// Returns latents of the image, `[1, c, h/f, w/f]`.
    fn latents(&self) -> Tensor<4> {
        let vae = self.blueprint.family.vae();
        let [width, height] = self.params.size().map(|side| side / vae.scale_factor());
        kernels::dry_run_input([1, vae.latent_channels(), height, width], self.device)
    }
}

impl NetworkProvider for Pass<'_> {
    async fn network(&self, component: Component, _: &impl Callbacks) -> Result<Rc<Network>> {
        let network = self.blueprint.networks.get(&component);
        let (config, format) = network.ok_or_else(|| lacks(component))?;
        let rows = self.blueprint.family.most_tokens();
        let network = Network::new(config, self.device);
        Ok(Rc::new(with_placeholder_params(network, *format, rows)))
    }
}

/// Ignores all events.
struct Quiet;

impl Callbacks for Quiet {
    async fn yield_now(&self) -> Result<()> {
        Ok(())
    }

    fn report(&self, _: PipelineEvent) {}

    fn wants_preview(&self) -> bool {
        false
    }
}

/// Gives every parameter a placeholder of its shape without memory. Tables on the host are read
/// even in a dry run: they get `rows` rows, as many as a prompt reads.
pub fn with_placeholder_params<M: Module>(module: M, format: StorageFormat, rows: usize) -> M {
    module.map(&mut PlaceholderParams { format, rows })
}

struct PlaceholderParams {
    format: StorageFormat,
    rows: usize,
}

impl ModuleMapper for PlaceholderParams {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let mut shape: [usize; D] = param.lazy_shape().dims();
        let device = param.lazy_device();
        let format = self.format.of_shape(&shape);
        let tensor = kernels::placeholder(shape, format, &device).unwrap_or_else(|| {
            shape[0] = shape[0].min(self.rows);
            kernels::dry_run_input(shape, &device)
        });
        Param::initialized(param.id, tensor)
    }
}
