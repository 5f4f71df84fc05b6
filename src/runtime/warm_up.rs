//! Warm-up of a model's pipelines while its weights are downloaded.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{DType, Device, Tensor};

use super::dtypes::activation_dtypes;
use super::limits::Limits;
use crate::error::{Error, Message, Result};
use crate::kernels::{self, DryRun, MatrixProduct, Profile, dry_run};
use crate::model::{
    AddedConditions, ClipTextModel, UNet2DConditionModel, UNetConditions, UNetHooks, Unfinished,
    Uninterrupted, Vae,
};
use crate::params::GenerationParams;
use crate::pipeline::guidance::Guidance;
use crate::weights::{Checkpoint, Component, Tensors};

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
    let reason = match done {
        Some(Ok(())) => return Ok(()),
        Some(Err(why)) => format!("the warm-up was interrupted: {why:?}"),
        None => "the warm-up awaited a result".to_string(),
    };
    Err(Error::Internal { reason: Message::verbatim(reason) })
}

/// Calls the networks one after the other, with the shapes and dtypes that the pipeline uses.
async fn forward_all(
    checkpoint: &Checkpoint,
    device: &Device,
    limits: Limits,
    run: &GenerationParams,
) -> Result<(), Unfinished> {
    let [width, height] = run.size();
    let factor = checkpoint.vae.scale_factor();
    let [h, w] = [height / factor, width / factor];
    let config = &checkpoint.unet;
    let guidance = Guidance::of(run, config.time_cond_proj_dim);
    let batch = if guidance.is_doubled() { 2 } else { 1 };
    let mut activations = activation_dtypes(checkpoint, device.supports_dtype(DType::F16));
    activations.vae.largest = limits.binding;
    let tokens = |index: usize| {
        let tokenizer = checkpoint.tokenizers.get(index).or(checkpoint.tokenizers.first());
        tokenizer.map_or(0, |tokenizer| tokenizer.model_max_length())
    };
    let zeros = |shape: [usize; 4]| Tensor::<4>::zeros(shape, (device, DType::F32));
    let dtype = |component| {
        let tensors: Option<&Tensors> = checkpoint.tensors.get(&component);
        tensors.map_or(DType::F32, |tensors| checkpoint.precision.on_gpu(tensors))
    };

    for (index, config) in checkpoint.text_encoders.iter().enumerate() {
        let component = if index == 0 { Component::TextEncoder } else { Component::TextEncoder2 };
        let tokens = tokens(index);
        let encoder =
            with_placeholder_params(ClipTextModel::new(config, device), dtype(component), tokens);
        encoder.forward(&[vec![0; tokens]], 0, &Uninterrupted).await?;
    }

    let unet = with_placeholder_params(
        UNet2DConditionModel::new(config, device),
        dtype(Component::UNet),
        0,
    );
    let added = config.addition_embed_type.map(|_| {
        let time_ids = vec![0.0; 6];
        let numbers = time_ids.len() * config.addition_time_embed_dim;
        let text = config.projection_class_embeddings_input_dim.saturating_sub(numbers);
        AddedConditions {
            text_embeds: Tensor::zeros([batch, text], (device, DType::F32)),
            time_ids,
        }
    });
    let conditions = UNetConditions {
        encoder_hidden_states: Tensor::zeros(
            [batch, tokens(0), config.cross_attention_dim.get(0)],
            (device, DType::F32),
        ),
        timestep_cond: guidance.timestep_cond(device),
        added,
    };
    // The cache has a row for each timestep, whichever they are.
    let timesteps: Vec<f64> = (0..run.num_inference_steps.max(1)).map(|step| step as f64).collect();
    let cache = unet.cache(&timesteps, &conditions, activations.unet);
    let sample = zeros([batch, config.in_channels, h, w]);
    unet.forward(sample, timesteps[0], &cache, &UNetHooks::default(), &Uninterrupted).await?;
    drop(unet);

    let vae = with_placeholder_params(Vae::new(&checkpoint.vae, device), dtype(Component::Vae), 0);
    let latents = zeros([1, checkpoint.vae.latent_channels(), h, w]);
    vae.decode(latents, activations.vae, &Uninterrupted).await?;
    Ok(())
}

/// Gives every parameter a placeholder of its shape without memory. Tables on the host are read
/// even in a dry run: they get `rows` rows, as many as a prompt reads.
pub fn with_placeholder_params<M: Module>(module: M, dtype: DType, rows: usize) -> M {
    module.map(&mut PlaceholderParams { dtype, rows })
}

struct PlaceholderParams {
    dtype: DType,
    rows: usize,
}

impl ModuleMapper for PlaceholderParams {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let mut shape: [usize; D] = param.lazy_shape().dims();
        let device = param.lazy_device();
        // Biases and scales are f32, as in the loader.
        let dtype = if D < 2 { DType::F32 } else { self.dtype };
        let tensor = kernels::placeholder(shape, dtype, &device).unwrap_or_else(|| {
            shape[0] = shape[0].min(self.rows);
            Tensor::zeros(shape, (&device, DType::F32))
        });
        Param::initialized(param.id, tensor)
    }
}
