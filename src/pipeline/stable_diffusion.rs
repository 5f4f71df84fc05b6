//! Text to image (diffusers `pipeline_stable_diffusion.py`).

use burn::tensor::{DType, Device, Tensor, TensorData};

use super::denoise::{Conditions, denoise};
use super::guidance::Guidance;
use super::host::{Boundary, Event, Host};
use super::noise::Generator;
use super::preview::{LatentRgb, read};
use super::request::TextToImage;
use crate::error::{Error, Result};
use crate::image::RgbImage;
use crate::model::{ClipTextModel, UNet2DConditionModel, Vae};
use crate::scheduler::{self, SchedulerConfig};
use crate::tokenizer::Tokenizer;

/// A loaded model, ready for any number of runs.
#[derive(Debug)]
pub struct StableDiffusion {
    /// Prompt → ids.
    pub tokenizer: Tokenizer,
    /// Ids → states.
    pub text_encoder: ClipTextModel,
    /// Predicts the noise.
    pub unet: UNet2DConditionModel,
    /// Latents → picture.
    pub vae: Vae,
    /// What the checkpoint says about its schedule.
    pub scheduler: SchedulerConfig,
    /// Channels of the latents.
    pub latent_channels: usize,
    /// Pixels per latent along each side.
    pub scale_factor: usize,
    /// Latents times this have unit variance.
    pub scaling_factor: f64,
    /// How latents look as colours.
    pub latent_rgb: Option<LatentRgb>,
    /// Where all of this is.
    pub device: Device,
}

/// What a run gives.
#[derive(Debug)]
pub struct Picture {
    /// The picture.
    pub image: RgbImage,
    /// The latents it was decoded from, `[1, c, h/f, w/f]`, not divided by `scaling_factor`.
    pub latents: Tensor<4>,
}

impl StableDiffusion {
    /// Makes one picture.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] before anything is computed; [`Error::Cancelled`] and whatever else
    /// `host` ends the run with; [`Error::Gpu`] if the result cannot be read.
    pub async fn generate(&self, request: &TextToImage, host: &impl Host) -> Result<Picture> {
        // 1. Can it be done?
        request.check(self.scale_factor)?;
        let steps = request.num_inference_steps;
        let mut scheduler =
            scheduler::create(request.scheduler, &self.scheduler, steps, request.eta)?;
        let guidance = Guidance::from_scale(request.guidance_scale);

        // 2. The prompt.
        let encoder_hidden_states = self.encode_prompt(request, host).await?;

        // 3. The noise.
        let (h, w) = (request.height / self.scale_factor, request.width / self.scale_factor);
        let shape = [1, self.latent_channels, h, w];
        let mut generator = Generator::new(request.seed);
        let mut noise = || {
            let values = generator.randn(shape.iter().product());
            Tensor::<4>::from_data(TensorData::new(values, shape), (&self.device, DType::F32))
        };
        let latents = noise().mul_scalar(scheduler.init_noise_sigma());

        // 4. From noise to picture.
        let conditions = Conditions {
            unet: &self.unet,
            unet_conditions: encoder_hidden_states.into(),
            guidance,
            latent_rgb: self.latent_rgb.as_ref(),
        };
        let latents = denoise(&conditions, &mut *scheduler, latents, &mut noise, host).await?;

        // 5. Out of the latent space.
        host.report(Event::Decoding);
        host.breathe().await?;
        let image = self.decode(latents.clone(), host).await?;
        host.breathe().await?; // A GPU may have failed on the last blocks.
        Ok(Picture { image, latents })
    }

    /// `[1, n, d]`; with guidance `[2, n, d]`, the negative prompt first.
    async fn encode_prompt(&self, request: &TextToImage, host: &impl Host) -> Result<Tensor<3>> {
        let mut states = Vec::new();
        if request.guides() {
            // diffusers skips layers for the prompt only.
            states.push(self.encode(("negative_prompt", &request.negative_prompt), 0, host).await?);
        }
        states.push(self.encode(("prompt", &request.prompt), request.clip_skip, host).await?);
        Ok(Tensor::cat(states, 0))
    }

    /// `[1, n, d]`
    async fn encode(
        &self,
        (field, prompt): (&'static str, &str),
        clip_skip: usize,
        host: &impl Host,
    ) -> Result<Tensor<3>> {
        let encoding = self.tokenizer.encode(prompt)?;
        if let Some(lost) = encoding.truncated {
            host.report(Event::PromptTruncated { field, lost });
        }
        let boundary = Boundary::new(host);
        let output = self
            .text_encoder
            .forward(&[encoding.input_ids], clip_skip, &boundary)
            .await
            .map_err(|interrupted| boundary.reason(interrupted))?;
        Ok(output.encoder_hidden_states)
    }

    /// `[1, c, h, w]` → a picture of f·w × f·h pixels.
    async fn decode(&self, latents: Tensor<4>, host: &impl Host) -> Result<RgbImage> {
        let boundary = Boundary::new(host);
        let decoded = self
            .vae
            .decode(latents.div_scalar(self.scaling_factor), &boundary)
            .await
            .map_err(|interrupted| boundary.reason(interrupted))?;
        let [_, channels, h, w] = decoded.dims();
        if channels != 3 {
            let reason = format!("the autoencoder gave {channels} channels instead of 3");
            return Err(Error::Image { action: "written", reason });
        }
        // [1, 3, h, w] in −1..1 → [h, w, 3] in 0..1
        let unit = decoded.div_scalar(2.0).add_scalar(0.5);
        let values = read(unit.permute([0, 2, 3, 1])).await?;
        if values.iter().any(|value| !value.is_finite()) {
            let reason =
                "some of its values are no numbers; try other steps, another scheduler or \
                          less guidance"
                    .to_string();
            return Err(Error::Image { action: "made", reason });
        }
        RgbImage::from_unit_floats(w, h, &values)
    }
}
