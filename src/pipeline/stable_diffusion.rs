//! Text to image, image to image and inpainting (diffusers `pipeline_stable_diffusion.py`,
//! `pipeline_stable_diffusion_img2img.py`, `pipeline_stable_diffusion_inpaint.py` and their variants for
//! SDXL and latent consistency models; a UNet made for inpainting paints everything anew where no mask is
//! given).

use burn::tensor::{DType, Device, Tensor, TensorData};

use super::begin::begin;
use super::denoise::{DenoiseOptions, denoise};
use super::encode::Encoder;
use super::guidance::{Guidance, Guided};
use super::host::{Boundary, Event, Host};
use super::inpaint::ExtraChannels;
use super::networks::Networks;
use super::noise::Generator;
use super::picture::{Picture, rgb_image};
use super::preview::Preview;
use super::prompt::{Conditioning, PromptStates, encode_prompt};
use super::request::Request;
use super::schedule::Schedule;
use super::unet_denoiser::UNetDenoiser;
use super::workpiece::Workpiece;
use crate::error::Result;
use crate::image::RgbImage;
use crate::model::{
    AddedConditions, FeatureMaps, UNet2DConditionConfig, UNetConditions, VaeConfig,
};
use crate::params::GenerationParams;
use crate::scheduler::SchedulerConfig;
use crate::tokenizer::Tokenizer;

/// A model, ready for any number of runs.
#[derive(Debug)]
pub struct StableDiffusion<N> {
    /// Prompt → ids, one for each text encoder.
    pub tokenizers: Vec<Tokenizer>,
    /// What its UNet is told.
    pub conditioning: Conditioning,
    /// How its UNet is built.
    pub unet: UNet2DConditionConfig,
    /// How its autoencoder is built.
    pub vae: VaeConfig,
    /// What the checkpoint says about its schedule.
    pub scheduler: SchedulerConfig,
    /// How latents become previews, if that is known.
    pub preview: Option<Preview>,
    /// What computes.
    pub networks: N,
    /// Where it computes.
    pub device: Device,
    /// In which number formats.
    pub activations: Activations,
}

/// What flows between the layers: f32, or f16 on a GPU that computes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Activations {
    /// Of the UNet.
    pub unet: DType,
    /// Of the autoencoder; SDXL's leaves the range of f16.
    pub vae: FeatureMaps,
}

impl<N: Networks> StableDiffusion<N> {
    /// Makes one picture.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`](crate::Error::InvalidRequest) before anything is computed;
    /// [`Error::Cancelled`](crate::Error::Cancelled) and whatever else `host` ends the run with; what
    /// loading a network can fail with; [`Error::Gpu`](crate::Error::Gpu) if the result cannot be read.
    pub async fn generate(&self, request: &Request, host: &impl Host) -> Result<Picture> {
        // 1. Can it be done?
        request.check(self.vae.scale_factor())?;
        let schedule = Schedule::new(request, &self.scheduler, &self.unet)?;
        let Request { params, start } = request;
        let given = start.as_ref().map(|start| Workpiece::new(start, params)).transpose()?;
        let guidance = Guidance::of(params, self.unet.time_cond_proj_dim);

        // 2. The prompt.
        let prompt = encode_prompt(
            self.conditioning,
            &self.tokenizers,
            &self.networks,
            params,
            guidance.is_doubled(),
            host,
        )
        .await?;

        // 3. The noise, and the picture that is given.
        let shape = self.latents_shape(params);
        let mut generator = Generator::new(params.seed);
        let mut noise = || {
            let values = generator.randn(shape.iter().product());
            Tensor::<4>::from_data(TensorData::new(values, shape), (&self.device, DType::F32))
        };
        let sees_mask = self.unet.in_channels != self.vae.latent_channels();
        let encoder = Encoder {
            networks: &self.networks,
            config: &self.vae,
            maps: self.activations.vae,
            device: &self.device,
            given: given.is_some(),
        };
        let beginning =
            begin(given.as_ref(), sees_mask, &schedule, &encoder, &mut noise, host).await?;

        // 4. What the UNet is told.
        let conditions = self.unet_conditions(prompt, params, guidance);

        // 5. From noise to picture.
        let latents = {
            let unet = self.networks.unet(host).await?;
            let timesteps = schedule.timesteps();
            let denoiser =
                UNetDenoiser::new(&unet, &conditions, &timesteps, self.activations.unet, host);
            let denoiser = Guided { denoiser, guidance };
            let mut denoiser = ExtraChannels { denoiser, channels: beginning.extra_channels };
            let options = DenoiseOptions {
                known: beginning.known.as_ref(),
                preview: self.preview.as_ref(),
                host,
            };
            denoise(&mut denoiser, &schedule, beginning.latents, &mut noise, options).await?
        };

        // 6. Out of the latent space.
        let image = self.decode(latents.clone(), host).await?;
        host.breathe().await?; // A GPU may have failed on the last blocks.
        let image = match &given {
            Some(given) => given.finish(image)?,
            None => image,
        };
        Ok(Picture { image, latents })
    }

    /// `[1, c, h/f, w/f]`
    fn latents_shape(&self, params: &GenerationParams) -> [usize; 4] {
        let f = self.vae.scale_factor();
        [1, self.vae.latent_channels(), params.height / f, params.width / f]
    }

    fn unet_conditions(
        &self,
        prompt: PromptStates,
        params: &GenerationParams,
        guidance: Guidance,
    ) -> UNetConditions {
        // Original and target have the picture's own size, nothing is cropped: diffusers' defaults.
        let size = [params.height, params.width].map(|side| side as f32);
        let time_ids = vec![size[0], size[1], 0.0, 0.0, size[0], size[1]];
        let added = match (self.conditioning, prompt.pooled) {
            (Conditioning::PromptAndSize { .. }, Some(text_embeds)) => {
                Some(AddedConditions { text_embeds, time_ids })
            }
            _ => None,
        };
        UNetConditions {
            encoder_hidden_states: prompt.states,
            timestep_cond: guidance.timestep_cond(&self.device),
            added,
        }
    }

    /// `[1, c, h, w]` → a picture of f·w × f·h pixels.
    async fn decode(&self, latents: Tensor<4>, host: &impl Host) -> Result<RgbImage> {
        let vae = self.networks.vae(host).await?;
        host.report(Event::Decoding { done: 0, total: 0 });
        host.breathe().await?;
        let boundary = Boundary::new(host).telling(|done, total| Event::Decoding { done, total });
        let decoded = vae
            .decode(latents.div_scalar(self.vae.scaling_factor()), self.activations.vae, &boundary)
            .await
            .map_err(|interrupted| boundary.reason(interrupted))?;
        rgb_image(decoded).await
    }
}
