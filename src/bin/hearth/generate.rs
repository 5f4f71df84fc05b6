//! Subcommand `hearth generate`.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Instant;

use hearth::error::{Message, messages};
use hearth::families::Checkpoint;
use hearth::params::{GenerationParams, Matrix, MatrixContext, PartialParams, SIZE_STEP};
use hearth::pipeline::metadata;
use hearth::pipeline::{PipelineOutput, Prompts, Request, Schedule};
use hearth::prompt::{Choices, Style};
use hearth::{Error, Result};

use super::adapters::{GivenAdapters, open_embeddings};
use super::image_args::{FitName, InputImages};
use super::matrix::{grid, parse_matrix};
use super::model_args::{ModelArguments, OpenedCheckpoint};
use super::output::{Output, check_writable, with_mark, write_file};
use super::params::ParamsArguments;
use super::progress::{TerminalProgress, print_warnings};
use super::prompts::{read_prompts, wildcard_lines};
use super::styles::chosen_styles;

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
    /// A textual inversion as a .safetensors file (repeatable); its file name, or the word in it, stands for it in prompts
    #[arg(long, value_name = "FILE.safetensors")]
    embedding: Vec<PathBuf>,
    /// Draw one of {a|b|c} in the prompt for each picture, two of {2$$a|b|c}, by its seed
    #[arg(long)]
    dynamic: bool,
    /// As --dynamic, and draw a line of NAME.txt in this folder for each __NAME__
    #[arg(long, value_name = "FOLDER")]
    wildcards: Option<PathBuf>,
    /// A style of --styles by its name (repeatable): the prompt stands in its {prompt}, or else before it
    #[arg(long, value_name = "NAME", requires = "styles")]
    style: Vec<String>,
    /// Styles in a file like AUTOMATIC1111's styles.csv, with the columns name,prompt,negative_prompt
    #[arg(long, value_name = "FILE.csv", requires = "style")]
    styles: Option<PathBuf>,
    /// A picture for each combination of values, as steps=10,20;sampler=euler,ddim (texts with | between them; ranges as seed=1-5,
    /// cfg=4-8 (+2), strength=0.5-1 [3]; schedule=karras,beta; replace=cat|dog for words of the prompts), and all of them in one
    /// FILE-grid.png: the first axis in columns, the second in rows, the third in groups
    #[arg(long, value_name = "AXES", conflicts_with_all = ["prompts", "num_images", "latents"])]
    matrix: Option<String>,
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

/// Longest run whose prompts are read in advance: more steps find no other faults.
const MOST_STEPS: usize = 1000;

/// One picture to be made.
struct Job {
    /// Its prompt, with `--prompts`.
    prompt: Option<String>,
    seed: u64,
    /// What the names of its files end in, if there are several.
    mark: String,
    /// What differs from the other pictures, in a matrix.
    changes: PartialParams,
}

/// Generates the images and writes them.
pub async fn generate(arguments: &Generate) -> Result<()> {
    let opened = arguments.model.open().await?;
    let checkpoint = &opened.checkpoint;
    let embeddings = open_embeddings(&arguments.embedding, checkpoint).await?;
    let mut request = arguments.request(&opened)?;
    // What can be checked in advance is checked here.
    request.check(checkpoint.scale_factor())?;
    Schedule::new(&request, &checkpoint.scheduler, checkpoint.family.facts())?;
    let matrix = arguments.matrix.as_deref().map(parse_matrix).transpose()?;
    let styles = chosen_styles(arguments.styles.as_deref(), &arguments.style)?;
    let base = request.params.clone();
    let jobs = arguments.jobs(matrix.as_ref(), &base, &opened.checkpoint)?;
    for job in &jobs {
        request.params = job.params(&base, &styles, arguments)?;
        Prompts::read(&request.params, &[], request.params.num_inference_steps.min(MOST_STEPS))?;
        request.check(checkpoint.scale_factor())?;
        Schedule::new(&request, &checkpoint.scheduler, checkpoint.family.facts())?;
    }
    request.params = base.clone();
    let output = Output::new(&arguments.output)?;
    output.check(jobs.len() as u64)?;
    if let Some(path) = &arguments.latents {
        check_writable(path)?;
    }
    print_warnings(&request);
    let (identity, vae) = (opened.identity().await?, opened.vae_identity());
    let (model, compute) = opened.load(&request.params).await?;

    let given = GivenAdapters::new(&model, embeddings);
    let mut pictures = Vec::new();
    let callbacks = TerminalProgress::new(compute);
    for job in jobs {
        request.params = job.params(&base, &styles, arguments)?;
        let (seed, mark) = (request.params.seed, &job.mark);
        let started = Instant::now();
        let selection = given.apply(&model, &request.params).await?;
        request.embeddings = selection.embeddings;
        let picture = model.generate(&request, &callbacks).await;
        callbacks.clear();
        let picture = picture?;
        let mut metadata = request.metadata(identity.clone());
        metadata.vae.clone_from(&vae);
        metadata.adapters = selection.beside_prompt;
        metadata.adapter_hashes = selection.set.hashes().await?;
        metadata.embeddings = model.family.embeddings_in(&request)?;
        let png = metadata::to_png(&picture.image, &metadata)?;
        let name = output.marked(mark).write(&png, arguments.overwrite)?;
        if let Some(path) = &arguments.latents {
            let latents = latents_file(&picture).await?;
            write_file(&with_mark(path, mark), &latents, arguments.overwrite)?;
        }
        if !name.is_empty() {
            println!("{name}");
        }
        callbacks.finished(&name, seed, started.elapsed());
        if matrix.is_some() {
            pictures.push(picture.image);
        }
    }
    if let Some(matrix) = matrix {
        let png = grid(&matrix, &pictures).to_png(&[])?;
        println!("{}", output.marked("-grid").write(&png, arguments.overwrite)?);
    }
    Ok(())
}

impl Job {
    /// Returns the parameters of the picture, with the styles and with the choices in its prompt drawn.
    fn params(
        &self,
        base: &GenerationParams,
        styles: &[Style],
        arguments: &Generate,
    ) -> Result<GenerationParams> {
        let mut params = GenerationParams { seed: self.seed, ..base.clone() }.with(&self.changes);
        if let Some(prompt) = &self.prompt {
            params.prompt.clone_from(prompt);
        }
        for style in styles {
            [params.prompt, params.negative_prompt] =
                style.apply(&params.prompt, &params.negative_prompt);
        }
        params.prompt = arguments.draw(&params.prompt, params.seed)?;
        Ok(params)
    }
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

    /// Draws the choices in a prompt, if they are to be drawn.
    fn draw(&self, prompt: &str, seed: u64) -> Result<String> {
        if !self.dynamic && self.wildcards.is_none() {
            return Ok(prompt.to_string());
        }
        let lines = |name: &str| wildcard_lines(self.wildcards.as_deref()?, name);
        let drawn = Choices::new(seed, &lines).expand(prompt);
        drawn.map_err(|fault| fault.error("prompt"))
    }

    /// Returns the pictures to make: one for each prompt and seed. Without a seed that the user
    /// gave, each prompt gets random ones.
    fn jobs(
        &self,
        matrix: Option<&Matrix>,
        base: &GenerationParams,
        checkpoint: &Checkpoint,
    ) -> Result<Vec<Job>> {
        if let Some(matrix) = matrix {
            let most_clip_skip = Some(checkpoint.family.most_clip_skip());
            let (image, mask) = (self.given.image.is_some(), self.given.mask.is_some());
            let keeps_size = base.padding_mask_crop.is_some();
            matrix.check(MatrixContext { image, mask, keeps_size, most_clip_skip })?;
            let cells = matrix.cells(base)?;
            let digits = cells.len().to_string().len();
            let seed = self.given.params.seed.unwrap_or_else(random_seed);
            let job = |(index, changes)| {
                let mark = format!("-{:0digits$}", index + 1);
                Job { prompt: None, seed, mark, changes }
            };
            return Ok(cells.into_iter().enumerate().map(job).collect());
        }
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
                let changes = PartialParams::default();
                jobs.push(Job { prompt: prompt.clone(), seed, mark, changes });
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
