//! A checkpoint becomes a model on a device.

use burn::tensor::Device;

use crate::error::Result;
use crate::pipeline::StableDiffusion;
use crate::pipeline::preview::LatentRgb;
use crate::weights::{Checkpoint, Source};

/// Loads every network of `checkpoint` onto `device`. `loaded` is told the bytes of each tensor.
pub async fn load(
    checkpoint: Checkpoint,
    source: &impl Source,
    device: &Device,
    loaded: &mut impl AsyncFnMut(u64),
) -> Result<StableDiffusion> {
    source.fetch(&checkpoint.files()).await?;
    let text_encoder = checkpoint.load_text_encoder(0, source, device, loaded).await?;
    let unet = checkpoint.load_unet(source, device, loaded).await?;
    let vae = checkpoint.load_vae(source, device, loaded).await?;
    let Checkpoint { mut tokenizers, scheduler, sheet, vae: config, .. } = checkpoint;
    Ok(StableDiffusion {
        tokenizer: tokenizers.remove(0),
        text_encoder,
        unet,
        vae,
        scheduler,
        latent_channels: config.latent_channels(),
        scale_factor: config.scale_factor(),
        scaling_factor: config.scaling_factor(),
        latent_rgb: LatentRgb::new(
            &sheet.latent_rgb_factors,
            sheet.latent_rgb_bias,
            config.scaling_factor(),
        ),
        device: device.clone(),
    })
}
