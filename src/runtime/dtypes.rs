//! Dtypes of a model's activations.

use burn::tensor::DType;

use crate::families::Checkpoint;
use crate::model::Component;
use crate::pipeline::Activations;

/// Returns f16 for networks whose weights are in f16 on a device that computes in f16, else f32.
pub(super) fn activation_dtypes(checkpoint: &Checkpoint, computes_in_f16: bool) -> Activations {
    let of = |component| {
        let network = checkpoint.components.get(&component).filter(|_| computes_in_f16);
        network.map_or(DType::F32, |network| checkpoint.precision.on_gpu(&network.tensors).dtype())
    };
    let vae = match checkpoint.family.vae_overflows_f16() {
        true => DType::F32,
        false => of(Component::VAE),
    };
    Activations { denoiser: of(checkpoint.family.denoiser_component()), vae: vae.into() }
}
