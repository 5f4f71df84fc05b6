//! Subcommand `hearth generate`.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use hearth::error::{Message, messages};
use hearth::params::SIZE_STEP;
use hearth::pipeline::metadata;
use hearth::pipeline::{PipelineOutput, Request, Schedule};
use hearth::{Error, Result};

use super::files::{check_folder_of, write};
use super::image_args::{FitName, InputImages};
use super::model_args::{ModelArguments, OpenedCheckpoint};
use super::params::ParamsArguments;
use super::progress::TerminalProgress;

#[derive(clap::Args)]
pub struct Generate {
    #[command(flatten)]
    model: ModelArguments,
    #[command(flatten)]
    given: ParamsArguments,
    /// What becomes of a picture of another shape: cut at two sides, or its edges continued
    #[arg(long, value_name = "FIT", default_value = "crop")]
    fit: FitName,
    /// How many pictures, each with the next seed
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    num_images: u64,
    /// The picture; with --num-images FILE-SEED.png for each
    #[arg(long, value_name = "FILE.png", default_value = "hearth.png")]
    output: PathBuf,
    /// Also write the final latents, as one float32 tensor `latents`
    #[arg(long, value_name = "FILE.safetensors")]
    latents: Option<PathBuf>,
}

/// Generates the images and writes them.
pub async fn generate(arguments: &Generate) -> Result<()> {
    let opened = arguments.model.open().await?;
    let checkpoint = &opened.checkpoint;
    let mut request = arguments.request(&opened)?;
    // ParamsArguments that can be checked in advance is checked here.
    request.check(checkpoint.scale_factor())?;
    Schedule::new(&request, &checkpoint.scheduler, checkpoint.family.facts())?;
    let seeds = arguments.seeds(request.params.seed)?;
    for path in [Some(&arguments.output), arguments.latents.as_ref()].into_iter().flatten() {
        check_folder_of(path)?;
    }
    let identity = opened.identity().await?;
    let (model, compute) = opened.load(&request.params).await?;

    let callbacks = TerminalProgress::new(compute);
    for seed in seeds {
        request.params.seed = seed;
        let picture = model.generate(&request, &callbacks).await;
        callbacks.clear();
        let picture = picture?;
        let metadata = request.metadata(identity.clone());
        let output = arguments.name(&arguments.output, seed);
        write(&output, &metadata::to_png(&picture.image, &metadata)?)?;
        if let Some(path) = &arguments.latents {
            write(&arguments.name(path, seed), &latents_file(&picture).await?)?;
        }
        println!("{}", output.display());
    }
    Ok(())
}

impl Generate {
    fn request(&self, opened: &OpenedCheckpoint<'_>) -> Result<Request> {
        let checkpoint = &opened.checkpoint;
        let mut params = self.given.complete(opened);
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

    /// Returns `path`, or with several images that of `seed`.
    fn name(&self, path: &Path, seed: u64) -> PathBuf {
        if self.num_images == 1 {
            return path.to_path_buf();
        }
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let extension = path.extension().map(|e| format!(".{}", e.to_string_lossy()));
        path.with_file_name(format!("{stem}-{seed}{}", extension.unwrap_or_default()))
    }
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
