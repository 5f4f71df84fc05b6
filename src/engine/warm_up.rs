//! The pipelines of a model, built before its weights are there.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{DType, Device, Tensor};

use super::formats::activations;
use super::limits::Limits;
use crate::error::{Error, Message, Result};
use crate::kernels::{self, Product, Rehearsal, Tally, rehearse};
use crate::model::{
    AddedConditions, ClipTextModel, UNet2DConditionModel, UNetConditions, Unfinished,
    Uninterrupted, Vae,
};
use crate::params::GenerationParams;
use crate::pipeline::guidance::Guidance;
use crate::weights::{Checkpoint, Component, Tensors};

/// Goes through a picture without computing it: what the GPU `device`, which has these `limits`, needs to know of the
/// kernels, it learns while the weights of `checkpoint` are still on their way. A model that is on the device keeps its
/// place: what our kernels write takes no memory here. `picture` is the one that will probably be asked for.
///
/// # Errors
/// If a network cannot be gone through at once. The picture then builds its pipelines itself.
pub fn warm_up(
    checkpoint: &Checkpoint,
    device: &Device,
    limits: Limits,
    picture: &GenerationParams,
) -> Result<()> {
    go_through(Rehearsal::Pipelines, checkpoint, device, limits, picture)
}

/// What a picture asks of a GPU before it is made.
#[derive(Debug, Clone, Default)]
pub struct Needs {
    /// The WGSL of every kernel of ours that it launches, for a host that builds pipelines by itself.
    pub shaders: Vec<String>,
    /// Its products of matrices with the operations that each has in one go through all networks, for who measures tiles.
    pub products: Vec<(Product, f64)>,
}

/// What such a picture needs; computes nothing and builds no pipelines of ours.
///
/// # Errors
/// As [`warm_up`].
pub fn needs(
    checkpoint: &Checkpoint,
    device: &Device,
    limits: Limits,
    picture: &GenerationParams,
) -> Result<Needs> {
    Tally::begin(false);
    let done = go_through(Rehearsal::Shaders, checkpoint, device, limits, picture);
    let tally = Tally::end();
    let shaders = tally.sources();
    done.map(|()| Needs { shaders, products: tally.products.into_iter().collect() })
}

fn go_through(
    what: Rehearsal,
    checkpoint: &Checkpoint,
    device: &Device,
    limits: Limits,
    picture: &GenerationParams,
) -> Result<()> {
    let done = rehearse(what, walk(checkpoint, device, limits, picture));
    // What Burn's own operations took on the way, whether the end was reached or not.
    device.memory_cleanup();
    let reason = match done {
        Some(Ok(())) => return Ok(()),
        Some(Err(why)) => format!("warming up was left: {why:?}"),
        None => "warming up waited".to_string(),
    };
    Err(Error::Internal { reason: Message::verbatim(reason) })
}

/// The networks one after the other, each as the pipeline calls it.
async fn walk(
    checkpoint: &Checkpoint,
    device: &Device,
    limits: Limits,
    picture: &GenerationParams,
) -> Result<(), Unfinished> {
    let [width, height] = picture.size();
    let factor = checkpoint.vae.scale_factor();
    let [h, w] = [height / factor, width / factor];
    let config = &checkpoint.unet;
    let guidance = Guidance::of(picture, config.time_cond_proj_dim);
    let batch = if guidance.is_doubled() { 2 } else { 1 };
    let mut formats = activations(checkpoint, device.supports_dtype(DType::F16));
    formats.vae.largest = limits.binding;
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
        let encoder = phantom(ClipTextModel::new(config, device), dtype(component), tokens);
        encoder.forward(&[vec![0; tokens]], 0, &Uninterrupted).await?;
    }

    let unet = phantom(UNet2DConditionModel::new(config, device), dtype(Component::UNet), 0);
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
    let prepared = unet.prepare(&vec![0.0; picture.num_inference_steps], &conditions, formats.unet);
    let sample = zeros([batch, config.in_channels, h, w]);
    unet.forward(sample, &prepared, 0, &Uninterrupted).await?;
    drop(unet);

    let vae = phantom(Vae::new(&checkpoint.vae, device), dtype(Component::Vae), 0);
    let latents = zeros([1, checkpoint.vae.latent_channels(), h, w]);
    vae.decode(latents, formats.vae, &Uninterrupted).await?;
    Ok(())
}

/// Gives every parameter a tensor that has its shape and no memory. Tables on the host are read for
/// real: of those it makes as many `rows` as a prompt reads.
pub fn phantom<M: Module>(module: M, dtype: DType, rows: usize) -> M {
    module.map(&mut Phantom { dtype, rows })
}

struct Phantom {
    dtype: DType,
    rows: usize,
}

impl ModuleMapper for Phantom {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let mut shape: [usize; D] = param.lazy_shape().dims();
        let device = param.lazy_device();
        // Biases and scales stay f32, as the loader has it.
        let dtype = if D < 2 { DType::F32 } else { self.dtype };
        let tensor = kernels::phantom(shape, dtype, &device).unwrap_or_else(|| {
            shape[0] = shape[0].min(self.rows);
            Tensor::zeros(shape, (&device, DType::F32))
        });
        Param::initialized(param.id, tensor)
    }
}
