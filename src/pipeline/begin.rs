//! What a run begins with: noise, a noisy picture, and what the UNet or the loop must know of a picture
//! that is given (diffusers `prepare_latents` and `prepare_mask_latents` of the pipelines for text, image
//! to image and inpainting).

use burn::tensor::{DType, Tensor};

use super::encode::Encoder;
use super::host::Host;
use super::inpaint::Known;
use super::networks::Networks;
use super::schedule::Schedule;
use super::workpiece::Workpiece;
use crate::error::Result;

/// Before the first step.
pub(super) struct Beginning {
    /// `[1, c, h, w]`
    pub latents: Tensor<4>,
    /// What is put back after each step.
    pub known: Option<Known>,
    /// What a UNet made for inpainting sees beside the latents: which part is to be painted, and the
    /// picture without it. `[1, 1 + c, h, w]`
    pub extra_channels: Option<Tensor<4>>,
}

/// From `given`, or else from nothing. `sees_mask`: the UNet is made for inpainting. `noise` is drawn from
/// as often as in diffusers, in its order.
pub(super) async fn begin<N: Networks>(
    given: Option<&Workpiece<'_>>,
    sees_mask: bool,
    schedule: &Schedule,
    encoder: &Encoder<'_, N>,
    noise: &mut dyn FnMut() -> Tensor<4>,
    host: &impl Host,
) -> Result<Beginning> {
    let device = encoder.device;
    let evaluations = schedule.sampler.evaluations();
    // 1. The latents: at full strength nothing of what is painted anew is left in them.
    let from_noise =
        given.is_none_or(|given| given.strength() == 1.0 && (given.has_mask() || sees_mask));
    let original = match given {
        Some(given) if !(from_noise && sees_mask) => {
            Some(encoder.latents(given.tensor(device), noise, host).await?)
        }
        _ => None,
    };
    let drawn = noise();
    let [_, _, h, w] = drawn.dims();
    let latents = match &original {
        Some(original) if !from_noise => {
            evaluations.add_noise(original.clone(), drawn.clone(), schedule.begin)
        }
        _ => drawn.clone().mul_scalar(evaluations.init_noise_sigma()),
    };

    // 2. The mask, for a UNet that sees it. Where nothing is given everything is painted: a white mask
    //    leaves zeros of any picture.
    if sees_mask {
        let f = encoder.config.scale_factor();
        let (mask, masked_image) = match given {
            Some(given) => (given.latent_mask([h, w], device), given.without_masked(device)),
            None => (
                Tensor::ones([1, 1, h, w], (device, DType::F32)),
                Tensor::zeros([1, 3, h * f, w * f], (device, DType::F32)),
            ),
        };
        let masked_image_latents = encoder.latents(masked_image, noise, host).await?;
        let extra_channels = Some(Tensor::cat(vec![mask, masked_image_latents], 1));
        return Ok(Beginning { latents, known: None, extra_channels });
    }

    // 3. The mask, for one that does not.
    let known = match (given, original) {
        (Some(given), Some(original)) if given.has_mask() => {
            if encoder.draws() {
                // diffusers encodes the masked picture here, too, and has no use for it.
                noise();
            }
            Some(Known { latents: original, noise: drawn, mask: given.latent_mask([h, w], device) })
        }
        _ => None,
    };
    Ok(Beginning { latents, known, extra_channels: None })
}
