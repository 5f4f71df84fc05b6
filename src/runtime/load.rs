//! Loading of a model onto a device.

use burn::tensor::{DType, Device};

use super::dtypes::activation_dtypes;
use super::limits::Limits;
use super::residency::{NetworkLoader, Residency};
use super::sources::Sources;
use crate::adapters::AdapterSet;
use crate::error::Result;
use crate::families::{AnyFamily, Checkpoint};
use crate::model::{ActivationLimits, AutoencoderTiny, AutoencoderTinyConfig, Component};
use crate::pipeline::Pipeline;
use crate::pipeline::preview::{Preview, TinyDecoder};
use crate::weights::patch::Unpatched;
use crate::weights::{ModelCard, OpenOptions, Source, diffusers, loader};

/// A model whose weights are read from a source of type `S`.
pub type Model<S> = Pipeline<AnyFamily, NetworkLoader<S>>;

/// Loads `checkpoint` from `sources` onto `device`, which has these `limits`. With [`Residency::All`] all networks
/// are loaded now, and `loaded` is called with the bytes of each tensor; else each run loads every
/// network when it is needed.
///
/// # Errors
/// If the weights cannot be fetched or loaded, or the error that `loaded` returns.
pub async fn load<S: Source>(
    checkpoint: Checkpoint,
    sources: impl Into<Sources<S>>,
    device: &Device,
    limits: Limits,
    residency: Residency,
    loaded: &mut impl AsyncFnMut(u64) -> Result<()>,
) -> Result<Model<S>> {
    let adapters = AdapterSet::default();
    load_with_adapters(checkpoint, sources, device, limits, residency, adapters, loaded).await
}

/// Loads `checkpoint` as [`load`], with `adapters` in effect.
///
/// # Errors
/// As [`load`]; also if an adapter cannot be read.
pub async fn load_with_adapters<S: Source>(
    checkpoint: Checkpoint,
    sources: impl Into<Sources<S>>,
    device: &Device,
    limits: Limits,
    residency: Residency,
    adapters: AdapterSet<S>,
    loaded: &mut impl AsyncFnMut(u64) -> Result<()>,
) -> Result<Model<S>> {
    let sources = sources.into();
    sources.fetch(&checkpoint).await?;
    let model = unloaded(checkpoint, sources, device, limits, residency);
    // Nothing is resident yet, so nothing is read twice.
    model.networks.set_adapters(adapters, loaded).await?;
    if residency == Residency::All {
        model.networks.load_all(loaded).await?;
    }
    Ok(model)
}

/// Replaces the autoencoder of a loaded model: `checkpoint` is the same checkpoint with another autoencoder,
/// or with its own again. The other networks, adapters and a tiny decoder for previews stay.
///
/// # Errors
/// As [`load`].
pub async fn replace_vae<S: Source>(
    model: Model<S>,
    checkpoint: Checkpoint,
    sources: impl Into<Sources<S>>,
    limits: Limits,
    loaded: &mut impl AsyncFnMut(u64) -> Result<()>,
) -> Result<Model<S>> {
    let sources = sources.into();
    sources.fetch(&checkpoint).await?;
    let Pipeline { preview, networks, device, .. } = model;
    let residency = networks.residency();
    let mut model = unloaded(checkpoint, sources, &device, limits, residency);
    if let Some(tiny @ Preview::Tiny(_)) = preview {
        model.preview = Some(tiny);
    }
    model.networks.take_over(networks);
    // The memory of the former autoencoder.
    device.memory_cleanup();
    if residency == Residency::All {
        model.networks.load_all(loaded).await?;
    }
    Ok(model)
}

/// Returns the model without its networks.
fn unloaded<S: Source>(
    checkpoint: Checkpoint,
    sources: Sources<S>,
    device: &Device,
    limits: Limits,
    residency: Residency,
) -> Model<S> {
    let computes_in_f16 = *device != Device::flex() && device.supports_dtype(DType::F16);
    let mut activations = activation_dtypes(&checkpoint, computes_in_f16);
    activations.vae.largest = limits.binding;
    Pipeline {
        family: checkpoint.family.clone(),
        scheduler: checkpoint.scheduler.clone(),
        preview: checkpoint.family.latent_rgb(&checkpoint.model_card).map(Preview::Rgb),
        networks: NetworkLoader::new(checkpoint, sources, device, residency),
        device: device.clone(),
        activations,
    }
}

/// Loads an `AutoencoderTiny` (TAESD) whose `config.json` is at the root of `source`, for better
/// previews of a model with the same latents; see [`Pipeline::preview`]. `limits`: the
/// device's.
///
/// # Errors
/// If it is missing, of another class, or cannot be loaded.
pub async fn load_preview(
    source: &impl Source,
    device: &Device,
    limits: Limits,
    loaded: &mut impl AsyncFnMut(u64) -> Result<()>,
) -> Result<Preview> {
    const PATH: &str = "config.json";
    let config = diffusers::required(source, PATH).await?;
    let config = AutoencoderTinyConfig::from_json(&config, PATH)?;
    let (model_card, options) = (ModelCard::default(), OpenOptions::default());
    let tensors =
        diffusers::find_tensors(source, Component::VAE, "", &model_card, &options).await?;
    let files: Vec<String> = tensors.files().into_iter().map(str::to_string).collect();
    source.fetch(&files).await?;
    let vae = AutoencoderTiny::new(&config, device);
    let vae =
        loader::load(vae, &tensors, source, device, options.precision, &Unpatched, loaded).await?;
    let limits = ActivationLimits { dtype: DType::F32, largest: limits.binding };
    Ok(Preview::Tiny(TinyDecoder { vae, scaling_factor: config.scaling_factor, limits }))
}
