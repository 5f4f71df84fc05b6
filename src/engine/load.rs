//! A checkpoint becomes a model on a device.

use std::rc::Rc;

use burn::tensor::{DType, Device};

use super::formats::activations;
use super::limits::Limits;
use super::networks::{Loader, Residence};
use crate::error::Result;
use crate::model::{AutoencoderTiny, AutoencoderTinyConfig, FeatureMaps, VaeConfig};
use crate::pipeline::preview::{LatentRgb, Preview, TinyDecoder};
use crate::pipeline::{Conditioning, StableDiffusion};
use crate::weights::{
    Checkpoint, Component, Family, ModelCard, OpenOptions, Source, diffusers, loader,
};

/// A model whose weights come from a source of the kind `S`.
pub type Model<S> = StableDiffusion<Loader<S>>;

/// Makes a model of `checkpoint` on `device`, which has these `limits`. With [`Residence::All`] its networks are loaded now, and
/// `loaded` is told the bytes of each tensor; else each is loaded in every run when its turn comes.
///
/// # Errors
/// If the weights cannot be fetched or loaded, or whatever `loaded` ends the loading with.
pub async fn load<S: Source>(
    mut checkpoint: Checkpoint,
    source: Rc<S>,
    device: &Device,
    limits: Limits,
    residence: Residence,
    loaded: &mut impl AsyncFnMut(u64) -> Result<()>,
) -> Result<Model<S>> {
    source.fetch(&checkpoint.files()).await?;
    let computes_in_f16 = *device != Device::flex() && device.supports_dtype(DType::F16);
    let mut activations = activations(&checkpoint, computes_in_f16);
    activations.vae.largest = limits.binding;
    let model = StableDiffusion {
        tokenizers: std::mem::take(&mut checkpoint.tokenizers),
        conditioning: conditioning(&checkpoint),
        unet: checkpoint.unet.clone(),
        vae: checkpoint.vae.clone(),
        scheduler: checkpoint.scheduler.clone(),
        preview: latent_rgb(&checkpoint).map(Preview::Rgb),
        networks: Loader::new(checkpoint, source, device, residence),
        device: device.clone(),
        activations,
    };
    if residence == Residence::All {
        model.networks.load_all(loaded).await?;
    }
    Ok(model)
}

/// An `AutoencoderTiny` (TAESD) on its own, its `config.json` at the top of `source`: better previews
/// for a model of the same latents, as its [`preview`](StableDiffusion::preview). `limits`: the device's.
///
/// # Errors
/// If it is not there, is something else, or cannot be loaded.
pub async fn load_preview(
    source: &impl Source,
    device: &Device,
    limits: Limits,
    loaded: &mut impl AsyncFnMut(u64) -> Result<()>,
) -> Result<Preview> {
    const PATH: &str = "config.json";
    let config = diffusers::required(source, PATH).await?;
    let config = AutoencoderTinyConfig::from_json(&config, PATH)?;
    let (model_card, options) = (ModelCard::default(), OpenOptions::default());
    let tensors =
        diffusers::find_tensors(source, Component::Vae, "", &model_card, &options).await?;
    let files: Vec<String> = tensors.files().into_iter().map(str::to_string).collect();
    source.fetch(&files).await?;
    let vae = AutoencoderTiny::new(&config, device);
    let vae = loader::load(vae, &tensors, source, device, options.precision, loaded).await?;
    let maps = FeatureMaps { dtype: DType::F32, largest: limits.binding };
    Ok(Preview::Tiny(TinyDecoder { vae, scaling_factor: config.scaling_factor, maps }))
}

fn conditioning(checkpoint: &Checkpoint) -> Conditioning {
    match checkpoint.family {
        Family::StableDiffusion => Conditioning::Prompt,
        Family::StableDiffusionXl => Conditioning::PromptAndSize {
            force_zeros_for_empty_prompt: checkpoint.force_zeros_for_empty_prompt,
        },
    }
}

/// How the checkpoint's latents look as colours: as it says itself, else as its family's usual ones do,
/// which their scaling factor tells from others.
fn latent_rgb(checkpoint: &Checkpoint) -> Option<LatentRgb> {
    let model_card = &checkpoint.model_card;
    if !model_card.latent_rgb_factors.is_empty() {
        return Some(LatentRgb::new(&model_card.latent_rgb_factors, model_card.latent_rgb_bias));
    }
    let (usual, rgb) = match checkpoint.family {
        Family::StableDiffusion => (0.18215, LatentRgb::stable_diffusion()),
        Family::StableDiffusionXl => (0.13025, LatentRgb::stable_diffusion_xl()),
    };
    let known = match &checkpoint.vae {
        VaeConfig::Kl(config) => (config.scaling_factor - usual).abs() < 1e-6,
        // TAESD takes its family's latents as they are.
        VaeConfig::Tiny(_) => true,
    };
    known.then_some(rgb)
}
