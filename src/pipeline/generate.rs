//! Text to image, image to image and inpainting.
//!
//! Follows diffusers' `pipeline_stable_diffusion.py`, `pipeline_stable_diffusion_img2img.py`,
//! `pipeline_stable_diffusion_inpaint.py` and their variants for SDXL and latent consistency
//! models. An
//! inpainting network without a mask paints the whole image.

use burn::tensor::{DType, Device, Tensor};

use super::callbacks::{CallbackYieldPoint, Callbacks, PipelineEvent};
use super::denoise::{DenoiseOptions, denoise};
use super::encode::VaeEncoder;
use super::family::Family;
use super::guidance::{Guidance, Guided};
use super::inpaint::ExtraChannels;
use super::inpaint_input::PreparedImage;
use super::network_provider::NetworkProvider;
use super::noise::RunNoise;
use super::output::{PipelineOutput, rgb_image};
use super::prepare_latents::prepare_latents;
use super::preview::Preview;
use super::prompts::Prompts;
use super::request::Request;
use super::schedule::Schedule;
use crate::error::{Error, Id, Result, messages};
use crate::image::RgbImage;
use crate::model::{ActivationLimits, Component};
use crate::params::GenerationParams;
use crate::scheduler::SchedulerConfig;

/// A model that is ready for any number of runs.
#[derive(Debug)]
pub struct Pipeline<F, N> {
    /// Model family, with the configs of its networks.
    pub family: F,
    /// Config of the checkpoint's scheduler.
    pub scheduler: SchedulerConfig,
    /// Preview decoder, if the model has one.
    pub preview: Option<Preview>,
    /// Provides the networks.
    pub networks: N,
    /// Device of the computations.
    pub device: Device,
    /// Number formats.
    pub activations: Activations,
}

/// Number formats between layers: f32, or f16 on a GPU that computes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Activations {
    /// Number format of the denoising network.
    pub denoiser: DType,
    /// Number format and size limit of the autoencoder. SDXL's exceeds the range of f16.
    pub vae: ActivationLimits,
}

impl Activations {
    /// Returns whether some values are limited to the range of f16.
    fn are_f16(&self) -> bool {
        [self.denoiser, self.vae.dtype].contains(&DType::F16)
    }
}

impl<F: Family, N: NetworkProvider> Pipeline<F, N> {
    /// Generates one image.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`](crate::Error::InvalidRequest) before anything is computed;
    /// [`Error::Cancelled`](crate::Error::Cancelled) and other errors of `callbacks`; errors of
    /// loading a network; [`Error::Gpu`](crate::Error::Gpu) if the result cannot be read;
    /// [`Error::CorruptWeights`] if it holds no numbers because some weights are none.
    pub async fn generate(
        &self,
        request: &Request,
        callbacks: &impl Callbacks,
    ) -> Result<PipelineOutput> {
        // 1. Check the request.
        let (vae, facts) = (self.family.vae(), self.family.facts());
        request.check(vae.scale_factor())?;
        let schedule = Schedule::new(request, &self.scheduler, facts)?;
        let Request { params, init_image, embeddings } = request;
        let init_image = init_image.as_ref().map(|image| PreparedImage::new(image, params));
        let init_image = init_image.transpose()?;
        let steps = schedule.prompt_steps(params.num_inference_steps);
        let prompts = Prompts::read(params, embeddings, steps)?;
        let guidance = Guidance::new(params, facts.time_cond_proj_dim);
        let guidance = guidance.for_parts(prompts.positive.len())?;

        // 2. Encode the prompt.
        let conditions = self
            .family
            .encode_prompt(params, &prompts, guidance, &self.networks, callbacks)
            .await?;

        // 3. Prepare the latents.
        let shape = self.latents_shape(params);
        let mut noise = RunNoise::new(
            params.seed,
            params.noise,
            schedule.sampler.name().row().noise,
            schedule.sampler.evaluations().sigma_range(),
            shape,
            &self.device,
        );
        let is_inpainting_unet = facts.in_channels != vae.latent_channels();
        let encoder = VaeEncoder {
            networks: &self.networks,
            config: vae,
            limits: self.activations.vae,
            device: &self.device,
            has_init_image: init_image.is_some(),
        };
        let initial = prepare_latents(
            init_image.as_ref(),
            is_inpainting_unet,
            &schedule,
            &encoder,
            &mut || noise.draw(),
            callbacks,
        )
        .await?;

        // 4. Denoise.
        let latents = {
            let timesteps = schedule.timesteps();
            let activations = self.activations.denoiser;
            let denoiser = self.family.denoiser(
                &conditions,
                &timesteps,
                activations,
                &self.networks,
                callbacks,
            );
            let weights = prompts.weights();
            let rescale = request.params.guidance_rescale;
            let denoiser = Guided { denoiser: denoiser.await?, guidance, weights, rescale };
            let mut denoiser = ExtraChannels { denoiser, channels: initial.extra_channels };
            let options = DenoiseOptions {
                known: initial.known.as_ref(),
                preview: self.preview.as_ref(),
                callbacks,
            };
            denoise(&mut denoiser, &schedule, initial.latents, &mut noise, options).await?
        };

        // 5. Decode.
        let image = self.decode(latents.clone(), callbacks).await?;
        callbacks.yield_now().await?; // Reports a failure of the GPU in the last blocks.
        let image = match &init_image {
            Some(init_image) => init_image.compose(image)?,
            None => image,
        };
        Ok(PipelineOutput { image, latents })
    }

    /// Returns `[1, c, h/f, w/f]`.
    fn latents_shape(&self, params: &GenerationParams) -> [usize; 4] {
        let vae = self.family.vae();
        let f = vae.scale_factor();
        [1, vae.latent_channels(), params.height / f, params.width / f]
    }

    /// Decodes `[1, c, h, w]` → an image of f·w × f·h pixels.
    async fn decode(&self, latents: Tensor<4>, callbacks: &impl Callbacks) -> Result<RgbImage> {
        let network = self.networks.network(Component::VAE, callbacks).await?;
        let (vae, scaling_factor) = (network.vae()?, self.family.vae().scaling_factor());
        callbacks.report(PipelineEvent::Decoding { done: 0, total: 0 });
        callbacks.yield_now().await?;
        let yield_point = CallbackYieldPoint::new(callbacks)
            .with_progress(|done, total| PipelineEvent::Decoding { done, total });
        let decoded = vae
            .decode(latents.div_scalar(scaling_factor), self.activations.vae, &yield_point)
            .await
            .map_err(|interrupted| yield_point.error(interrupted))?;
        match rgb_image(decoded).await {
            Err(Error::Image { action, reason }) if reason.id() == Some(Id::picture_not_finite) => {
                self.networks.check_weights(callbacks).await?;
                let reason = match self.activations.are_f16() {
                    true => messages::picture_not_finite_in_f16(),
                    false => reason,
                };
                Err(Error::Image { action, reason })
            }
            image => image,
        }
    }
}
