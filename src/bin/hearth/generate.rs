//! Subcommand `hearth generate`.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Instant;

use hearth::error::{Message, messages};
use hearth::params::SIZE_STEP;
use hearth::pipeline::metadata;
use hearth::pipeline::{PipelineOutput, Request, Schedule};
use hearth::{Error, Result};

use super::image_args::{FitName, InputImages};
use super::model_args::{ModelArguments, OpenedCheckpoint};
use super::output::{Output, check_writable, with_mark, write_file};
use super::params::ParamsArguments;
use super::progress::{TerminalProgress, print_warnings};
use super::prompts::read_prompts;

#[derive(clap::Args)]
pub struct Generate {
    #[command(flatten)]
    model: ModelArguments,
    #[command(flatten)]
    given: ParamsArguments,
    /// What becomes of a picture of another shape: cut at two sides, or its edges continued
    #[arg(long, value_name = "FIT", default_value = "crop")]
    fit: FitName,
    /// A prompt on each line of this file, or of the standard input (-), in place of --prompt; the model is loaded once
    #[arg(long, value_name = "FILE", conflicts_with = "prompt")]
    prompts: Option<PathBuf>,
    /// How many pictures, each with the next seed
    #[arg(
        long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..),
        allow_negative_numbers = true, visible_alias = "batch-count", alias = "num_images",
    )]
    num_images: u64,
    /// The PNG file, or - for the standard output; with --num-images FILE-SEED.png for each, with --prompts FILE-LINE.png.
    /// If it exists, the new one gets a number: FILE-2.png
    #[arg(
        short,
        long,
        value_name = "FILE.png",
        default_value = "hearth.png",
        allow_hyphen_values = true
    )]
    output: PathBuf,
    /// Replace files that exist
    #[arg(long)]
    overwrite: bool,
    /// Also write the final latents, as one float32 tensor `latents`
    #[arg(long, value_name = "FILE.safetensors")]
    latents: Option<PathBuf>,
}

/// One picture to be made.
struct Job {
    /// Its prompt, with `--prompts`.
    prompt: Option<String>,
    seed: u64,
    /// What the names of its files end in, if there are several.
    mark: String,
}

/// Generates the images and writes them.
pub async fn generate(arguments: &Generate) -> Result<()> {
    let opened = arguments.model.open().await?;
    let checkpoint = &opened.checkpoint;
    let mut request = arguments.request(&opened)?;
    // What can be checked in advance is checked here.
    request.check(checkpoint.scale_factor())?;
    Schedule::new(&request, &checkpoint.scheduler, checkpoint.family.facts())?;
    let jobs = arguments.jobs()?;
    let output = Output::new(&arguments.output)?;
    output.check(jobs.len() as u64)?;
    if let Some(path) = &arguments.latents {
        check_writable(path)?;
    }
    print_warnings(&request);
    let identity = opened.identity().await?;
    let (model, compute) = opened.load(&request.params).await?;

    let callbacks = TerminalProgress::new(compute);
    for Job { prompt, seed, mark } in jobs {
        request.params.seed = seed;
        if let Some(prompt) = prompt {
            request.params.prompt = prompt;
        }
        let started = Instant::now();
        let picture = model.generate(&request, &callbacks).await;
        callbacks.clear();
        let picture = picture?;
        let mut metadata = request.metadata(identity.clone());
        metadata.adapters = model.networks.adapters().uses();
        let png = metadata::to_png(&picture.image, &metadata)?;
        let name = output.marked(&mark).write(&png, arguments.overwrite)?;
        if let Some(path) = &arguments.latents {
            let latents = latents_file(&picture).await?;
            write_file(&with_mark(path, &mark), &latents, arguments.overwrite)?;
        }
        if !name.is_empty() {
            println!("{name}");
        }
        callbacks.finished(&name, seed, started.elapsed());
    }
    Ok(())
}

impl Generate {
    fn request(&self, opened: &OpenedCheckpoint<'_>) -> Result<Request> {
        let checkpoint = &opened.checkpoint;
        let mut params = self.given.complete(opened)?;
        let pictures = InputImages::read(&self.given)?;
        if let Some(pictures) = &pictures {
            let requested = [self.given.params.width, self.given.params.height];
            let step = SIZE_STEP.max(checkpoint.scale_factor());
            [params.width, params.height] =
                pictures.size(requested, checkpoint.native_size(), step);
        }
        let size = params.size();
        let mut request = Request::from(params);
        // Init images are fitted only to valid sizes.
        request.check(checkpoint.scale_factor())?;
        let init_image = |pictures: InputImages| pictures.init_image(size, self.fit.into());
        request.init_image = pictures.map(init_image).transpose()?;
        Ok(request)
    }

    /// Returns the pictures to make: one for each prompt and seed. Without a seed that the user
    /// gave, each prompt gets random ones.
    fn jobs(&self) -> Result<Vec<Job>> {
        let prompts: Vec<Option<String>> = match &self.prompts {
            Some(path) => read_prompts(path)?.into_iter().map(Some).collect(),
            None => vec![None],
        };
        let digits = prompts.len().to_string().len();
        let has_many = prompts.len() > 1;
        let mut jobs = Vec::new();
        for (index, prompt) in prompts.into_iter().enumerate() {
            let first = self.given.params.seed.unwrap_or_else(random_seed);
            for seed in self.seeds(first)? {
                let line = match has_many {
                    true => format!("-{:0digits$}", index + 1),
                    false => String::new(),
                };
                let mark = match self.num_images {
                    1 => line,
                    _ => format!("{line}-{seed}"),
                };
                jobs.push(Job { prompt: prompt.clone(), seed, mark });
            }
        }
        Ok(jobs)
    }

    /// Returns one seed for each image, from `first` on.
    fn seeds(&self, first: u64) -> Result<RangeInclusive<u64>> {
        let last = first.checked_add(self.num_images - 1);
        let last = last.ok_or_else(|| Error::InvalidRequest {
            field: "num_images",
            value: Message::verbatim(self.num_images),
            reason: messages::seeds_beyond(u64::MAX),
        })?;
        Ok(first..=last)
    }
}

/// Returns a seed below 2^32, as other programs draw them: it fits every one of them.
fn random_seed() -> u64 {
    RandomState::new().build_hasher().finish() >> 32
}

/// Returns a safetensors file with one float32 tensor `latents`, `[1, c, h, w]`.
async fn latents_file(picture: &PipelineOutput) -> Result<Vec<u8>> {
    let failed = |reason: String| Error::Internal { reason: Message::verbatim(reason) };
    let shape = picture.latents.dims().to_vec();
    let data = picture.latents.to_data_async().await.map_err(|e| failed(e.to_string()))?;
    let values: Vec<f32> = data.try_into_vec().map_err(|e| failed(format!("{e:?}")))?;
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let view = safetensors::tensor::TensorView::new(safetensors::Dtype::F32, shape, &bytes)
        .map_err(|e| failed(e.to_string()))?;
    safetensors::serialize([("latents", view)], None).map_err(|e| failed(e.to_string()))
}
