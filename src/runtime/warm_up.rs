//! Warm-up of a model's pipelines while its weights are downloaded.

use burn::tensor::{DType, Device};

use super::dry_run::{Blueprint, Pass};
use super::dtypes::activation_dtypes;
use super::limits::Limits;
use crate::error::{Error, Message, Result};
use crate::families::Checkpoint;
use crate::kernels::{DryRun, MatrixProduct, Profile, dry_run};
use crate::params::GenerationParams;

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
    let blueprint = Blueprint::new(checkpoint);
    let mut activations = activation_dtypes(checkpoint, device.supports_dtype(DType::F16));
    activations.vae.largest = limits.binding;
    let pass = Pass { blueprint: &blueprint, device, activations, params: run };
    let done = dry_run(mode, async {
        pass.denoise().await?;
        pass.decode().await
    });
    // Frees what Burn's own operations allocated.
    device.memory_cleanup();
    done.unwrap_or_else(|| {
        Err(Error::Internal { reason: Message::verbatim("the warm-up awaited a result") })
    })
}
