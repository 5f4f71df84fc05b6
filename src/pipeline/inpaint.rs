//! What an inpainting UNet sees beside the latents: which part is to be painted, and the picture
//! without it (diffusers `prepare_mask_latents` in `pipeline_stable_diffusion_inpaint.py`).

use burn::tensor::{DType, Tensor};

use super::host::{Boundary, Host};
use crate::error::Result;
use crate::model::{FeatureMaps, Vae, VaeConfig};

/// The channels for a request without picture and mask: nothing is given, everything is painted.
/// `size` is the picture's, `[height, width]`; `noise` is drawn from as often as in diffusers.
/// `[1, 1 + c, h/f, w/f]`.
pub(super) async fn all_to_paint(
    vae: &Vae,
    config: &VaeConfig,
    [height, width]: [usize; 2],
    noise: &mut dyn FnMut() -> Tensor<4>,
    maps: FeatureMaps,
    host: &impl Host,
) -> Result<Tensor<4>> {
    let f = config.scale_factor();
    let device = &vae.device();
    let mask = Tensor::ones([1, 1, height / f, width / f], (device, DType::F32));
    // A white mask leaves zeros of any picture: a grey one.
    let masked_image = Tensor::zeros([1, 3, height, width], (device, DType::F32));
    let boundary = Boundary::new(host);
    let masked_image_latents = vae
        .encode(masked_image, maps, noise, &boundary)
        .await
        .map_err(|interrupted| boundary.reason(interrupted))?
        .mul_scalar(config.scaling_factor());
    Ok(Tensor::cat(vec![mask, masked_image_latents], 1))
}
