//! Dtypes of a model's activations.

use burn::tensor::DType;

use crate::model::VaeConfig;
use crate::pipeline::Activations;
use crate::weights::{Checkpoint, Component, Family};

/// Returns f16 for networks whose weights are in f16 on a device that computes in f16, else f32.
pub(super) fn activation_dtypes(checkpoint: &Checkpoint, computes_in_f16: bool) -> Activations {
    let of = |component| {
        let tensors = checkpoint.tensors.get(&component).filter(|_| computes_in_f16);
        tensors.map_or(DType::F32, |tensors| checkpoint.precision.on_gpu(tensors))
    };
    // SDXL's VAE overflows f16, unless `force_upcast` is false (as in fixed VAEs). diffusers makes
    // the same exception for the same family.
    let overflows = match &checkpoint.vae {
        VaeConfig::Kl(config) => {
            config.force_upcast && checkpoint.family == Family::StableDiffusionXl
        }
        VaeConfig::Tiny(_) => false,
    };
    let vae = if overflows { DType::F32 } else { of(Component::Vae) };
    Activations { unet: of(Component::UNet), vae: vae.into() }
}
