//! `hearth generate`: a picture from a prompt.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use hearth::device::{Compute, DeviceKind};
use hearth::engine::{self, Limits, Residence, Usual};
use hearth::pipeline::{Picture, TextToImage};
use hearth::scheduler::{self, SchedulerName};
use hearth::weights::{Checkpoint, Folder, OpenOptions, Precision};
use hearth::{Error, Result};

use super::options::Options;
use super::terminal::{Terminal, progress_bar};

#[derive(clap::Args)]
pub struct Generate {
    /// Folder in diffusers layout, or a .safetensors file
    #[arg(long, value_name = "PATH")]
    model: PathBuf,
    #[command(flatten)]
    options: Options,
    /// Load each network when its turn comes: less memory, slower
    #[arg(long)]
    low_memory: bool,
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
    /// Number format of weights and computation; auto: as in the files. A CPU computes in f32
    #[arg(long, value_name = "DTYPE", default_value = "auto")]
    dtype: Dtype,
    /// The picture
    #[arg(long, value_name = "FILE.png", default_value = "hearth.png")]
    output: PathBuf,
    /// Also write the final latents, as one float32 tensor `latents`
    #[arg(long, value_name = "FILE.safetensors")]
    latents: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Dtype {
    Auto,
    F32,
    F16,
}

impl Dtype {
    /// Whether `device` has it.
    pub fn check(self, device: DeviceKind) -> Result<()> {
        match (self, device) {
            (Dtype::F16, DeviceKind::Cpu) => Err(Error::Unsupported {
                path: "--dtype".to_string(),
                what: "f16 on the CPU".to_string(),
                remedy: "Leave it out, or take --device wgpu".to_string(),
            }),
            _ => Ok(()),
        }
    }
}

impl From<Dtype> for Precision {
    fn from(dtype: Dtype) -> Self {
        match dtype {
            Dtype::Auto => Precision::AsStored,
            Dtype::F32 => Precision::Full,
            Dtype::F16 => Precision::Half,
        }
    }
}

/// Makes the picture and writes it.
pub async fn generate(arguments: &Generate) -> Result<()> {
    arguments.dtype.check(arguments.device)?;
    let source = Folder::open(&arguments.model)?;
    let options = OpenOptions { precision: arguments.dtype.into(), ..arguments.options.to_open() };
    let checkpoint = Checkpoint::open(&source, &options).await?;
    let model_name = match checkpoint.sheet.name.as_str() {
        "" => arguments.model.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        name => name.to_string(),
    };
    let usual = engine::usual(&checkpoint, &model_name);
    let sampler = arguments.scheduler.unwrap_or(usual.scheduler);
    if let (None, Err(error)) = (arguments.scheduler, checkpoint.scheduler.scheduler_name()) {
        eprintln!("hearth: {error} {sampler} is used.");
    }
    let request = arguments.request(&checkpoint, usual);
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
    let compute = Compute::open(arguments.device).await?;
    let guides = request.guidance_scale > 1.0 && checkpoint.unet.time_cond_proj_dim.is_none();
    let limits = Limits {
        binding: compute.largest_binding,
        memory: None,
        gpu: compute.is_gpu(),
        f16: compute.computes_in_f16(),
    };
    let plan = engine::plan(&checkpoint, [request.width, request.height], guides, limits);
    if let Some(obstacle) = plan.obstacles.first() {
        return Err(Error::NoGpu { reason: obstacle.to_string() });
    }
    let bar = progress_bar("Loading", checkpoint.weight_bytes());
    let mut loaded = async |bytes| {
        bar.inc(bytes);
        Ok(())
    };
    let source = Rc::new(source);
    let device = &compute.device;
    let residence = match arguments.low_memory {
        true => Residence::OneAtATime,
        false => plan.residence(),
    };
    let model = engine::load(checkpoint, source, device, limits, residence, &mut loaded).await?;
    bar.finish_and_clear();

    let host = Terminal::new(compute);
    let picture = model.generate(&request, &host).await;
    host.clear();
    let picture = picture?;
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
    fn request(&self, checkpoint: &Checkpoint, usual: Usual) -> TextToImage {
        let [own_width, own_height] = checkpoint.own_size();
        TextToImage {
            prompt: self.prompt.clone(),
            negative_prompt: self.negative_prompt.clone(),
            num_inference_steps: self.num_inference_steps.unwrap_or(usual.num_inference_steps),
            guidance_scale: self.guidance_scale.unwrap_or(usual.guidance_scale),
            seed: self.seed,
            scheduler: Some(self.scheduler.unwrap_or(usual.scheduler)),
            width: self.width.unwrap_or(own_width),
            height: self.height.unwrap_or(own_height),
            eta: 0.0,
            clip_skip: 0,
        }
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
