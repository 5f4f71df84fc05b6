//! The pipelines of a model, built before its weights are there.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{DType, Device, Tensor};
use cubecl::dry_run::DryRun;
use futures::FutureExt;

use super::formats::activations;
use crate::kernels;
use crate::model::{
    AddedConditions, ClipTextModel, UNet2DConditionModel, UNetConditions, Uninterrupted, Vae,
};
use crate::weights::{Checkpoint, Component, Tensors};

/// Walks through a picture of `width` × `height` pixels in so many `steps` without computing it: what the GPU `device` needs
/// to know of the kernels, it learns while the weights of `checkpoint` are still on their way. `guides`:
/// two halves of a batch are computed.
pub fn warm_up(
    checkpoint: &Checkpoint,
    device: &Device,
    [width, height]: [usize; 2],
    steps: usize,
    guides: bool,
) {
    let factor = checkpoint.vae.scale_factor();
    let [h, w] = [height / factor, width / factor];
    let batch = if guides { 2 } else { 1 };
    let formats = activations(checkpoint, device.supports_dtype(DType::F16));
    let zeros = |shape: [usize; 4]| Tensor::<4>::zeros(shape, (device, DType::F32));
    let dtype = |component| {
        let tensors: Option<&Tensors> = checkpoint.tensors.get(&component);
        tensors.map_or(DType::F32, |tensors| checkpoint.precision.on_gpu(tensors))
    };
    // Every launch is compiled and then dropped. Nothing below waits, so no other work meets this.
    let _compiled_only = DryRun::new();

    for (index, config) in checkpoint.text_encoders.iter().enumerate() {
        let component = if index == 0 { Component::TextEncoder } else { Component::TextEncoder2 };
        let encoder = phantom(ClipTextModel::new(config, device), dtype(component));
        let ids = [vec![0; config.max_position_embeddings]];
        let _ = encoder.forward(&ids, 0, &Uninterrupted).now_or_never();
    }

    let config = &checkpoint.unet;
    let unet = phantom(UNet2DConditionModel::new(config, device), dtype(Component::UNet));
    let added = config.addition_embed_type.map(|_| {
        let time_ids = vec![0.0; 6];
        let numbers = time_ids.len() * config.addition_time_embed_dim;
        let text = config.projection_class_embeddings_input_dim.saturating_sub(numbers);
        AddedConditions {
            text_embeds: Tensor::zeros([batch, text], (device, DType::F32)),
            time_ids,
        }
    });
    const TOKENS: usize = 77;
    let conditions = UNetConditions {
        encoder_hidden_states: Tensor::zeros(
            [batch, TOKENS, config.cross_attention_dim.get(0)],
            (device, DType::F32),
        ),
        timestep_cond: None,
        added,
    };
    let prepared = unet.prepare(&vec![0.0; steps], &conditions, formats.unet);
    let sample = zeros([batch, config.in_channels, h, w]);
    let _ = unet.forward(sample, &prepared, 0, &Uninterrupted).now_or_never();
    drop(unet);

    let vae = phantom(Vae::new(&checkpoint.vae, device), dtype(Component::Vae));
    let latents = zeros([1, checkpoint.vae.latent_channels(), h, w]);
    let _ = vae.decode(latents, formats.vae, &Uninterrupted).now_or_never();
}

/// Gives every parameter a tensor that has its shape and no memory.
fn phantom<M: Module>(module: M, dtype: DType) -> M {
    module.map(&mut Phantom { dtype })
}

struct Phantom {
    dtype: DType,
}

impl ModuleMapper for Phantom {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let mut shape: [usize; D] = param.lazy_shape().dims();
        let device = param.lazy_device();
        // Biases and scales stay f32, as the loader has it.
        let dtype = if D < 2 { DType::F32 } else { self.dtype };
        let tensor = kernels::phantom(shape, dtype, &device).unwrap_or_else(|| {
            // Tables on the host are read for real: a part of them will do.
            const ROWS: usize = 77;
            shape[0] = shape[0].min(ROWS);
            Tensor::zeros(shape, (&device, DType::F32))
        });
        Param::initialized(param.id, tensor)
    }
}
