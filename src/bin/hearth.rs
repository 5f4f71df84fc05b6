//! The terminal.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;

use clap::{Parser, Subcommand};
use hearth::device::{Compute, DeviceKind};
use hearth::engine::{self, Model, Residence};
use hearth::pipeline::{Event, Host, Picture, TextToImage};
use hearth::scheduler::{self, SchedulerName};
use hearth::weights::{Checkpoint, Folder, OpenOptions, Prediction};
use hearth::{Error, Result};
use indicatif::{ProgressBar, ProgressStyle};

/// Stable Diffusion, from the checkpoints that people have.
#[derive(Parser)]
#[command(name = "hearth", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a picture from a prompt
    Generate(Box<Generate>),
    /// Tell what a checkpoint is, what it needs, and what is missing or odd
    Inspect(Inspect),
}

#[derive(clap::Args)]
struct Inspect {
    /// Folder in diffusers layout, or a .safetensors file
    #[arg(value_name = "PATH")]
    path: PathBuf,
    #[command(flatten)]
    options: Options,
}

/// What a checkpoint's own files leave open.
#[derive(clap::Args)]
struct Options {
    /// What the UNet of a single file predicts, if the file does not say: epsilon or v_prediction
    #[arg(long, value_name = "TYPE", value_parser = ["epsilon", "v_prediction"])]
    prediction_type: Option<String>,
    /// Take weights in f32 where there are some in f16, too
    #[arg(long)]
    full_precision: bool,
}

impl Options {
    fn to_open(&self) -> OpenOptions {
        OpenOptions {
            full_precision: self.full_precision,
            prediction: self.prediction_type.as_deref().and_then(Prediction::from_name),
            ..OpenOptions::with_vocabulary()
        }
    }
}

#[derive(clap::Args)]
struct Generate {
    /// Folder in diffusers layout, or a .safetensors file
    #[arg(long, value_name = "PATH")]
    model: PathBuf,
    #[command(flatten)]
    options: Options,
    /// What to draw
    #[arg(long, value_name = "TEXT")]
    prompt: String,
    /// What not to draw
    #[arg(long, value_name = "TEXT", default_value = "")]
    negative_prompt: String,
    /// Denoising steps [default: what the model is used to]
    #[arg(long, value_name = "N")]
    num_inference_steps: Option<usize>,
    /// Classifier-free guidance; 1 or less turns it off [default: what the model is used to]
    #[arg(long, value_name = "F", allow_negative_numbers = true)]
    guidance_scale: Option<f64>,
    /// Seed of the noise
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// ddim, pndm, euler, euler-ancestral, dpmpp-2m, dpmpp-2m-karras or lcm [default: the checkpoint's]
    #[arg(long, value_name = "NAME")]
    scheduler: Option<SchedulerName>,
    /// Pixels [default: the model's own size]
    #[arg(long, value_name = "W")]
    width: Option<usize>,
    /// Pixels [default: the model's own size]
    #[arg(long, value_name = "H")]
    height: Option<usize>,
    /// cpu or wgpu
    #[arg(long, value_name = "DEVICE", default_value = "wgpu")]
    device: DeviceKind,
    /// Number format of the computation: f32
    #[arg(long, value_name = "DTYPE", default_value = "f32")]
    dtype: Dtype,
    /// The picture
    #[arg(long, value_name = "FILE.png", default_value = "hearth.png")]
    output: PathBuf,
    /// Also write the final latents, as one float32 tensor `latents`
    #[arg(long, value_name = "FILE.safetensors")]
    latents: Option<PathBuf>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Dtype {
    F32,
    F16,
}

fn main() -> ExitCode {
    // clap itself ends with 2 on wrong usage.
    let done = match Arguments::parse().command {
        Command::Generate(arguments) => pollster::block_on(generate(&arguments)),
        Command::Inspect(arguments) => pollster::block_on(inspect(&arguments)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hearth: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints what was found; a checkpoint that cannot be used is a failure.
async fn inspect(arguments: &Inspect) -> Result<()> {
    let source = Folder::open(&arguments.path)?;
    let found = engine::inspect(&source, &arguments.options.to_open()).await;
    let width = found.rows.iter().map(|(label, _)| label.len()).max().unwrap_or(0);
    for (label, value) in &found.rows {
        println!("{label:width$}  {value}");
    }
    for problem in &found.problems {
        println!("\n! {problem}");
    }
    match found.checkpoint {
        Some(_) => Ok(()),
        None => Err(Error::NotACheckpoint {
            path: found.name,
            found: "no checkpoint that can be used".to_string(),
            remedy: "What is wrong with it stands above".to_string(),
        }),
    }
}

async fn generate(arguments: &Generate) -> Result<()> {
    if matches!(arguments.dtype, Dtype::F16) {
        return Err(Error::Unsupported {
            path: "--dtype".to_string(),
            what: "f16".to_string(),
            remedy: "Leave it out: f16 checkpoints are computed in f32".to_string(),
        });
    }
    let source = Folder::open(&arguments.model)?;
    let checkpoint = Checkpoint::open(&source, &arguments.options.to_open()).await?;
    let request = arguments.request(&checkpoint);
    // What can be known before the work is said before it.
    request.check(checkpoint.vae.scale_factor())?;
    scheduler::create(
        request.scheduler,
        &checkpoint.scheduler,
        request.num_inference_steps,
        request.eta,
    )?;
    for path in [Some(&arguments.output), arguments.latents.as_ref()].into_iter().flatten() {
        check_folder_of(path)?;
    }
    let model_name = match checkpoint.sheet.name.as_str() {
        "" => arguments.model.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        name => name.to_string(),
    };
    let sampler = match request.scheduler {
        Some(name) => name,
        None => checkpoint.scheduler.scheduler_name()?,
    };

    let compute = Compute::open(arguments.device).await?;
    let bar = progress_bar("Loading", checkpoint.weight_bytes());
    let mut loaded = async |bytes| {
        bar.inc(bytes);
        Ok(())
    };
    let source = Rc::new(source);
    let device = &compute.device;
    let model = engine::load(checkpoint, source, device, Residence::All, &mut loaded).await?;
    bar.finish_and_clear();

    let picture = run(&model, &request, compute).await?;
    let recipe = request.recipe(&model_name, sampler);
    let text: Vec<(&str, &str)> = recipe.iter().map(|(k, v)| (*k, v.as_str())).collect();
    write(&arguments.output, &picture.image.to_png(&text)?)?;
    if let Some(path) = &arguments.latents {
        write(path, &latents_file(&picture).await?)?;
    }
    println!("{}", arguments.output.display());
    Ok(())
}

impl Generate {
    fn request(&self, checkpoint: &Checkpoint) -> TextToImage {
        let sheet = &checkpoint.sheet;
        let [own_width, own_height] = checkpoint.own_size();
        TextToImage {
            prompt: self.prompt.clone(),
            negative_prompt: self.negative_prompt.clone(),
            num_inference_steps: self.num_inference_steps.unwrap_or(sheet.num_inference_steps),
            guidance_scale: self.guidance_scale.unwrap_or(sheet.guidance_scale),
            seed: self.seed,
            scheduler: self.scheduler,
            width: self.width.unwrap_or(own_width),
            height: self.height.unwrap_or(own_height),
            eta: 0.0,
            clip_skip: 0,
        }
    }
}

async fn run(model: &Model<Folder>, request: &TextToImage, compute: Compute) -> Result<Picture> {
    let host = Terminal { compute, bar: RefCell::new(None) };
    let picture = model.generate(request, &host).await;
    if let Some(bar) = host.bar.take() {
        bar.finish_and_clear();
    }
    picture
}

/// Shows what happens on stderr.
struct Terminal {
    compute: Compute,
    bar: RefCell<Option<ProgressBar>>,
}

impl Host for Terminal {
    async fn breathe(&self) -> Result<()> {
        self.compute.check()
    }

    fn report(&self, event: Event) {
        match event {
            Event::Loading { what, done, total } if done == total => {
                eprintln!("hearth: {what} loaded");
            }
            Event::Loading { .. } => {}
            Event::PromptTruncated { field, lost } => {
                eprintln!("hearth: the {field} is too long; this part has no effect: {lost}");
            }
            Event::Step { done, total, .. } => {
                let mut bar = self.bar.borrow_mut();
                let bar = bar.get_or_insert_with(|| progress_bar("Step", total as u64));
                bar.set_position(done as u64);
            }
            Event::Decoding => {
                if let Some(bar) = &*self.bar.borrow() {
                    bar.set_message("Decoding");
                }
            }
        }
    }

    fn wants_preview(&self) -> bool {
        false
    }
}

/// On stderr; hidden where that is not a terminal.
fn progress_bar(what: &'static str, total: u64) -> ProgressBar {
    let template = match what {
        "Step" => "{msg} {pos}/{len} [{bar:30}] {eta} left",
        _ => "{msg} {bytes}/{total_bytes} [{bar:30}] {eta} left",
    };
    let style = ProgressStyle::with_template(template);
    let bar = ProgressBar::new(total).with_message(what);
    match style {
        Ok(style) => bar.with_style(style.progress_chars("█▌ ")),
        Err(_) => bar,
    }
}

/// One float32 tensor `latents`, `[1, c, h, w]`.
async fn latents_file(picture: &Picture) -> Result<Vec<u8>> {
    let failed = |reason: String| Error::Internal { reason };
    let shape = picture.latents.dims().to_vec();
    let data = picture.latents.to_data_async().await.map_err(|e| failed(e.to_string()))?;
    let values: Vec<f32> = data.try_into_vec().map_err(|e| failed(format!("{e:?}")))?;
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let view = safetensors::tensor::TensorView::new(safetensors::Dtype::F32, shape, &bytes)
        .map_err(|e| failed(e.to_string()))?;
    safetensors::serialize([("latents", view)], None).map_err(|e| failed(e.to_string()))
}

fn check_folder_of(path: &Path) -> Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => Err(Error::Io {
            path: folder.display().to_string(),
            reason: "no such folder to write to".to_string(),
        }),
        _ => Ok(()),
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes)
        .map_err(|e| Error::Io { path: path.display().to_string(), reason: e.to_string() })
}
