//! In which number formats a checkpoint is computed.

use burn::tensor::DType;

use crate::model::VaeConfig;
use crate::pipeline::Activations;
use crate::weights::{Checkpoint, Component, Family};

/// f16 between the layers where their weights are f16 and the device computes with it.
pub(super) fn activations(checkpoint: &Checkpoint, computes_in_f16: bool) -> Activations {
    let of = |component| {
        let tensors = checkpoint.tensors.get(&component).filter(|_| computes_in_f16);
        tensors.map_or(DType::F32, |tensors| checkpoint.precision.on_gpu(tensors))
    };
    // SDXL's autoencoder leaves the range of f16, unless it was mended; diffusers makes the same
    // exception for the same family.
    let overflows = match &checkpoint.vae {
        VaeConfig::Kl(config) => {
            config.force_upcast && checkpoint.family == Family::StableDiffusionXl
        }
        VaeConfig::Tiny(_) => false,
    };
    let vae = if overflows { DType::F32 } else { of(Component::Vae) };
    Activations { unet: of(Component::UNet), vae: vae.into() }
}
