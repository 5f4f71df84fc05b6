//! Text to image, image to image and inpainting.
//!
//! As diffusers' `pipeline_stable_diffusion.py`, `pipeline_stable_diffusion_img2img.py`,
//! `pipeline_stable_diffusion_inpaint.py` and their variants for SDXL and latent consistency models. A network
//! made for inpainting paints everything anew where no mask is given.

use burn::tensor::{DType, Device, Tensor, TensorData};

use super::begin::begin;
use super::denoise::{DenoiseOptions, denoise};
use super::encode::Encoder;
use super::family::Family;
use super::guidance::{Guidance, Guided};
use super::host::{Boundary, Event, Host};
use super::inpaint::ExtraChannels;
use super::networks::Networks;
use super::noise::Generator;
use super::picture::{Picture, rgb_image};
use super::preview::Preview;
use super::request::Request;
use super::schedule::Schedule;
use super::workpiece::Workpiece;
use crate::error::Result;
use crate::image::RgbImage;
use crate::model::{Component, FeatureMaps};
use crate::params::GenerationParams;
use crate::scheduler::SchedulerConfig;

/// A model, ready for any number of runs.
#[derive(Debug)]
pub struct Pipeline<F, N> {
    /// Its family, with the configs of its networks.
    pub family: F,
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
    /// Of the network that predicts.
    pub denoiser: DType,
    /// Of the autoencoder; SDXL's leaves the range of f16.
    pub vae: FeatureMaps,
}

impl<F: Family, N: Networks> Pipeline<F, N> {
    /// Makes one picture.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`](crate::Error::InvalidRequest) before anything is computed;
    /// [`Error::Cancelled`](crate::Error::Cancelled) and whatever else `host` ends the run with; what
    /// loading a network can fail with; [`Error::Gpu`](crate::Error::Gpu) if the result cannot be read.
    pub async fn generate(&self, request: &Request, host: &impl Host) -> Result<Picture> {
        // 1. Can it be done?
        let (vae, facts) = (self.family.vae(), self.family.facts());
        request.check(vae.scale_factor())?;
        let schedule = Schedule::new(request, &self.scheduler, facts)?;
        let Request { params, start } = request;
        let given = start.as_ref().map(|start| Workpiece::new(start, params)).transpose()?;
        let guidance = Guidance::of(params, facts.time_cond_proj_dim);

        // 2. The prompt, and everything else that the network gets.
        let conditions = self.family.encode_prompt(params, guidance, &self.networks, host).await?;

        // 3. The noise, and the picture that is given.
        let shape = self.latents_shape(params);
        let mut generator = Generator::new(params.seed);
        let mut noise = || {
            let values = generator.randn(shape.iter().product());
            Tensor::<4>::from_data(TensorData::new(values, shape), (&self.device, DType::F32))
        };
        let sees_mask = facts.in_channels != vae.latent_channels();
        let encoder = Encoder {
            networks: &self.networks,
            config: vae,
            maps: self.activations.vae,
            device: &self.device,
            given: given.is_some(),
        };
        let beginning =
            begin(given.as_ref(), sees_mask, &schedule, &encoder, &mut noise, host).await?;

        // 4. From noise to picture.
        let latents = {
            let timesteps = schedule.timesteps();
            let activations = self.activations.denoiser;
            let denoiser =
                self.family.denoiser(&conditions, &timesteps, activations, &self.networks, host);
            let denoiser = Guided { denoiser: denoiser.await?, guidance };
            let mut denoiser = ExtraChannels { denoiser, channels: beginning.extra_channels };
            let options = DenoiseOptions {
                known: beginning.known.as_ref(),
                preview: self.preview.as_ref(),
                host,
            };
            denoise(&mut denoiser, &schedule, beginning.latents, &mut noise, options).await?
        };

        // 5. Out of the latent space.
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
        let vae = self.family.vae();
        let f = vae.scale_factor();
        [1, vae.latent_channels(), params.height / f, params.width / f]
    }

    /// `[1, c, h, w]` → a picture of f·w × f·h pixels.
    async fn decode(&self, latents: Tensor<4>, host: &impl Host) -> Result<RgbImage> {
        let network = self.networks.network(Component::VAE, host).await?;
        let (vae, scaling_factor) = (network.vae()?, self.family.vae().scaling_factor());
        host.report(Event::Decoding { done: 0, total: 0 });
        host.breathe().await?;
        let boundary = Boundary::new(host).telling(|done, total| Event::Decoding { done, total });
        let decoded = vae
            .decode(latents.div_scalar(scaling_factor), self.activations.vae, &boundary)
            .await
            .map_err(|interrupted| boundary.reason(interrupted))?;
        rgb_image(decoded).await
    }
}
