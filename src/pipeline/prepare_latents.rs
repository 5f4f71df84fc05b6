//! Initial latents of a run, and its inputs for inpainting.
//!
//! diffusers: `prepare_latents` and `prepare_mask_latents` of the pipelines for text to image,
//! image to image and inpainting.

use burn::tensor::{DType, Tensor};

use super::callbacks::Callbacks;
use super::encode::VaeEncoder;
use super::inpaint::KnownLatents;
use super::inpaint_input::PreparedImage;
use super::network_provider::NetworkProvider;
use super::schedule::Schedule;
use crate::error::Result;

/// State before the first step.
pub(super) struct InitialLatents {
    /// `[1, c, h, w]`
    pub latents: Tensor<4>,
    /// Latents to blend in after each step.
    pub known: Option<KnownLatents>,
    /// Further input channels of an inpainting UNet: the mask, and the latents of the masked image.
    /// `[1, 1 + c, h, w]`
    pub extra_channels: Option<Tensor<4>>,
}

/// Returns the initial latents for `init_image`, or noise without one. `noise` is called as often
/// as diffusers draws noise, and in the same order.
pub(super) async fn prepare_latents<N: NetworkProvider>(
    init_image: Option<&PreparedImage<'_>>,
    is_inpainting_unet: bool,
    schedule: &Schedule,
    encoder: &VaeEncoder<'_, N>,
    noise: &mut dyn FnMut() -> Tensor<4>,
    callbacks: &impl Callbacks,
) -> Result<InitialLatents> {
    let device = encoder.device;
    let evaluations = schedule.sampler.evaluations();
    // 1. The latents. At full strength nothing of the repainted part remains in them.
    let from_noise = init_image.is_none_or(|init_image| {
        init_image.strength() == 1.0 && (init_image.has_mask() || is_inpainting_unet)
    });
    let image_latents = match init_image {
        Some(init_image) if !(from_noise && is_inpainting_unet) => {
            Some(encoder.latents(init_image.tensor(device), noise, callbacks).await?)
        }
        _ => None,
    };
    let drawn = noise();
    let [_, _, h, w] = drawn.dims();
    let latents = match &image_latents {
        Some(image_latents) if !from_noise => {
            evaluations.add_noise(image_latents.clone(), drawn.clone(), schedule.begin_index)
        }
        _ => drawn.clone().mul_scalar(evaluations.init_noise_sigma()),
    };

    // 2. The mask for an inpainting UNet. Without an init image the whole image is painted: a white
    //    mask, and zeros as the masked image.
    if is_inpainting_unet {
        let f = encoder.config.scale_factor();
        let (mask, masked_image) = match init_image {
            Some(init_image) => {
                (init_image.latent_mask([h, w], device), init_image.masked_image(device))
            }
            None => (
                Tensor::ones([1, 1, h, w], (device, DType::F32)),
                Tensor::zeros([1, 3, h * f, w * f], (device, DType::F32)),
            ),
        };
        let masked_image_latents = encoder.latents(masked_image, noise, callbacks).await?;
        let extra_channels = Some(Tensor::cat(vec![mask, masked_image_latents], 1));
        return Ok(InitialLatents { latents, known: None, extra_channels });
    }

    // 3. The mask for any other UNet.
    let known = match (init_image, image_latents) {
        (Some(init_image), Some(image_latents)) if init_image.has_mask() => {
            if encoder.draws_noise() {
                // diffusers encodes the masked image here, too, and does not use it.
                noise();
            }
            let mask = init_image.latent_mask([h, w], device);
            Some(KnownLatents { latents: image_latents, noise: drawn, mask })
        }
        _ => None,
    };
    Ok(InitialLatents { latents, known, extra_channels: None })
}
