//! `hearth generate`: pictures from a prompt, or from a prompt and a picture.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use hearth::error::{Message, messages};
use hearth::pipeline::recipe;
use hearth::pipeline::request::SIZE_STEP;
use hearth::pipeline::{Picture, Request, Schedule};
use hearth::runtime::DefaultSettings;
use hearth::weights::Checkpoint;
use hearth::{Error, Result};

use super::files::{check_folder_of, write};
use super::given::Given;
use super::model::ModelArguments;
use super::sampling::Sampling;
use super::terminal::Terminal;

#[derive(clap::Args)]
pub struct Generate {
    #[command(flatten)]
    model: ModelArguments,
    /// What to draw
    #[arg(long, value_name = "TEXT")]
    prompt: String,
    /// What not to draw
    #[arg(long, value_name = "TEXT", default_value = "")]
    negative_prompt: String,
    #[command(flatten)]
    sampling: Sampling,
    #[command(flatten)]
    given: Given,
    /// Seed of the noise
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// How many pictures, each with the next seed
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    num_images: u64,
    /// Pixels [default: the model's own size; with --image the picture's own, or as many pixels as the model's
    /// own size has if the picture has more than twice as many; with --padding-mask-crop the model's own]
    #[arg(long, value_name = "W")]
    width: Option<usize>,
    /// Pixels [default: as for --width]
    #[arg(long, value_name = "H")]
    height: Option<usize>,
    /// The picture; with --num-images FILE-SEED.png for each
    #[arg(long, value_name = "FILE.png", default_value = "hearth.png")]
    output: PathBuf,
    /// Also write the final latents, as one float32 tensor `latents`
    #[arg(long, value_name = "FILE.safetensors")]
    latents: Option<PathBuf>,
}

/// Makes the picture and writes it.
pub async fn generate(arguments: &Generate) -> Result<()> {
    let opened = arguments.model.open().await?;
    let (checkpoint, usual) = (&opened.checkpoint, opened.usual);
    let sampler = arguments.sampling.sampler(usual);
    arguments.sampling.say_replaced(checkpoint, usual);
    let mut request = arguments.request(checkpoint, usual)?;
    // What can be known before the work is said before it.
    request.check(checkpoint.vae.scale_factor())?;
    Schedule::new(&request, &checkpoint.scheduler, &checkpoint.unet)?;
    let seeds = arguments.seeds()?;
    for path in [Some(&arguments.output), arguments.latents.as_ref()].into_iter().flatten() {
        check_folder_of(path)?;
    }
    let identity = opened.identity().await?;
    let size = [request.width, request.height];
    let (model, compute) = opened.load(size, request.guidance_scale > 1.0).await?;

    let host = Terminal::new(compute);
    for seed in seeds {
        request.seed = seed;
        let picture = model.generate(&request, &host).await;
        host.clear();
        let picture = picture?;
        let recipe = request.recipe(identity.clone(), sampler);
        let output = arguments.name(&arguments.output, seed);
        write(&output, &recipe::to_png(&picture.image, &recipe)?)?;
        if let Some(path) = &arguments.latents {
            write(&arguments.name(path, seed), &latents_file(&picture).await?)?;
        }
        println!("{}", output.display());
    }
    Ok(())
}

impl Generate {
    fn request(&self, checkpoint: &Checkpoint, usual: DefaultSettings) -> Result<Request> {
        let own = checkpoint.own_size();
        let asked = [self.width, self.height];
        let pictures = self.given.read()?;
        let size = match &pictures {
            Some(pictures) => {
                pictures.size(asked, own, SIZE_STEP.max(checkpoint.vae.scale_factor()))
            }
            None => [asked[0].unwrap_or(own[0]), asked[1].unwrap_or(own[1])],
        };
        let mut request = Request {
            negative_prompt: self.negative_prompt.clone(),
            ..self.sampling.request(usual, self.prompt.clone(), self.seed, size)
        };
        // Pictures are made no size that cannot be.
        request.check(checkpoint.vae.scale_factor())?;
        request.start = pictures.map(|pictures| pictures.start(size)).transpose()?;
        Ok(request)
    }

    /// One for each picture.
    fn seeds(&self) -> Result<RangeInclusive<u64>> {
        let last = self.seed.checked_add(self.num_images - 1);
        let last = last.ok_or_else(|| Error::InvalidRequest {
            field: "num_images",
            value: Message::verbatim(self.num_images),
            reason: messages::seeds_beyond(u64::MAX),
        })?;
        Ok(self.seed..=last)
    }

    /// `path`, or with several pictures that of `seed`.
    fn name(&self, path: &Path, seed: u64) -> PathBuf {
        if self.num_images == 1 {
            return path.to_path_buf();
        }
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let extension = path.extension().map(|e| format!(".{}", e.to_string_lossy()));
        path.with_file_name(format!("{stem}-{seed}{}", extension.unwrap_or_default()))
    }
}

/// One float32 tensor `latents`, `[1, c, h, w]`.
async fn latents_file(picture: &Picture) -> Result<Vec<u8>> {
    let failed = |reason: String| Error::Internal { reason: Message::verbatim(reason) };
    let shape = picture.latents.dims().to_vec();
    let data = picture.latents.to_data_async().await.map_err(|e| failed(e.to_string()))?;
    let values: Vec<f32> = data.try_into_vec().map_err(|e| failed(format!("{e:?}")))?;
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let view = safetensors::tensor::TensorView::new(safetensors::Dtype::F32, shape, &bytes)
        .map_err(|e| failed(e.to_string()))?;
    safetensors::serialize([("latents", view)], None).map_err(|e| failed(e.to_string()))
}
