//! Warm-up of a model's pipelines while its weights are downloaded.

use std::rc::Rc;

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{DType, Device, Tensor};

use super::dtypes::activation_dtypes;
use super::limits::Limits;
use crate::error::{Error, Message, Result};
use crate::families::{Checkpoint, NetworkFiles};
use crate::kernels::{self, DryRun, MatrixProduct, Profile, StorageFormat, dry_run};
use crate::model::{Component, Network};
use crate::params::GenerationParams;
use crate::pipeline::{CallbackYieldPoint, Callbacks, NetworkProvider, PipelineEvent};

/// Builds the pipelines of a run of `checkpoint` on the GPU `device`, which has these `limits`, by
/// a dry run. It needs no weights, and takes no memory from a model that is on the device.
///
/// # Errors
/// If the dry run of a network is interrupted. The first run then builds the missing pipelines itself.
pub fn warm_up(
    checkpoint: &Checkpoint,
    device: &Device,
    limits: Limits,
    run: &GenerationParams,
) -> Result<()> {
    dry_run_networks(DryRun::Pipelines, checkpoint, device, limits, run)
}

/// The shaders and matrix products of a run.
#[derive(Debug, Clone, Default)]
pub struct KernelRequirements {
    /// The WGSL of every kernel, for a host that builds pipelines itself.
    pub shaders: Vec<String>,
    /// The matrix products, each with its floating-point operations in one pass of all networks,
    /// for tile tuning.
    pub products: Vec<(MatrixProduct, f64)>,
}

/// Returns the shaders and matrix products of a run; computes nothing and builds no pipelines of
/// ours.
///
/// # Errors
/// As [`warm_up`].
pub fn kernel_requirements(
    checkpoint: &Checkpoint,
    device: &Device,
    limits: Limits,
    run: &GenerationParams,
) -> Result<KernelRequirements> {
    Profile::start(false);
    let done = dry_run_networks(DryRun::Shaders, checkpoint, device, limits, run);
    let profile = Profile::finish();
    let shaders = profile.sources();
    done.map(|()| KernelRequirements { shaders, products: profile.products.into_iter().collect() })
}

fn dry_run_networks(
    mode: DryRun,
    checkpoint: &Checkpoint,
    device: &Device,
    limits: Limits,
    run: &GenerationParams,
) -> Result<()> {
    let done = dry_run(mode, forward_all(checkpoint, device, limits, run));
    // Frees what Burn's own operations allocated.
    device.memory_cleanup();
    done.unwrap_or_else(|| {
        Err(Error::Internal { reason: Message::verbatim("the warm-up awaited a result") })
    })
}

/// Calls the networks one after the other, with the shapes and dtypes that the pipeline uses.
async fn forward_all(
    checkpoint: &Checkpoint,
    device: &Device,
    limits: Limits,
    run: &GenerationParams,
) -> Result<()> {
    let family = &checkpoint.family;
    let networks = Placeholders { checkpoint, device };
    let mut activations = activation_dtypes(checkpoint, device.supports_dtype(DType::F16));
    activations.vae.largest = limits.binding;
    family.dry_run(run, activations.denoiser, device, &networks, &Quiet).await?;

    let network = networks.network(Component::VAE, &Quiet).await?;
    let [width, height] = run.size().map(|side| side / checkpoint.scale_factor());
    let shape = [1, family.vae().latent_channels(), height, width];
    let latents = Tensor::zeros(shape, (device, DType::F32));
    let yield_point = CallbackYieldPoint::new(&Quiet);
    let decoded = network.vae()?.decode(latents, activations.vae, &yield_point).await;
    decoded.map(drop).map_err(|interrupted| yield_point.error(interrupted))
}

/// The networks of a checkpoint, with placeholders as weights.
struct Placeholders<'a> {
    checkpoint: &'a Checkpoint,
    device: &'a Device,
}

impl NetworkProvider for Placeholders<'_> {
    async fn network(&self, component: Component, _: &impl Callbacks) -> Result<Rc<Network>> {
        let NetworkFiles { config, tensors } = self.checkpoint.network(component)?;
        let format = self.checkpoint.precision.on_gpu(tensors);
        let rows = self.checkpoint.family.most_tokens();
        let network = Network::new(config, self.device);
        Ok(Rc::new(with_placeholder_params(network, format, rows)))
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
            Tensor::zeros(shape, (&device, DType::F32))
        });
        Param::initialized(param.id, tensor)
    }
}
