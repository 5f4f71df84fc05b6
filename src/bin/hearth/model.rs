//! Which model, where it runs and in which numbers: what every subcommand that computes is told.

use std::path::PathBuf;
use std::rc::Rc;

use hearth::device::{Compute, DeviceKind};
use hearth::engine::{self, Limits, Model, Residence};
use hearth::error::Message;
use hearth::params::GenerationParams;
use hearth::pipeline::recipe::ModelIdentity;
use hearth::weights::{Checkpoint, Folder, OpenOptions, Precision, Source, fingerprint};
use hearth::{Error, Result};

use super::options::Options;
use super::terminal::progress_bar;
use super::tiles::TileFile;

#[derive(clap::Args)]
pub struct ModelArguments {
    /// Folder in diffusers layout, or a .safetensors file
    #[arg(long, value_name = "PATH")]
    model: PathBuf,
    #[command(flatten)]
    options: Options,
    /// Load each network when its turn comes: less memory, slower
    #[arg(long)]
    low_memory: bool,
    /// cpu or wgpu
    #[arg(long, value_name = "DEVICE", default_value = "wgpu")]
    device: DeviceKind,
    /// Number format of weights and computation; auto: as in the files. A CPU computes in f32
    #[arg(long, value_name = "DTYPE", default_value = "auto")]
    dtype: Dtype,
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
                what: Message::verbatim("f16 on the CPU"),
                remedy: Message::verbatim("Leave it out, or take --device wgpu"),
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

/// A checkpoint of which nothing but the descriptions has been read.
pub struct Opened<'a> {
    arguments: &'a ModelArguments,
    source: Folder,
    /// What it is.
    pub checkpoint: Checkpoint,
    /// What it is called.
    pub name: String,
    /// What a picture is made with where nothing is said.
    pub defaults: GenerationParams,
}

impl ModelArguments {
    /// Reads the checkpoint's descriptions.
    pub async fn open(&self) -> Result<Opened<'_>> {
        self.dtype.check(self.device)?;
        let source = Folder::open(&self.model)?;
        let options = OpenOptions { precision: self.dtype.into(), ..self.options.to_open() };
        let checkpoint = Checkpoint::open(&source, &options).await?;
        let name = match checkpoint.sheet.name.as_str() {
            "" => self.model.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            name => name.to_string(),
        };
        let defaults = engine::defaults(&checkpoint, &name);
        Ok(Opened { arguments: self, source, checkpoint, name, defaults })
    }
}

impl Opened<'_> {
    /// What tells it from all others.
    pub async fn identity(&self) -> Result<ModelIdentity> {
        let fingerprint = fingerprint(&self.source, &self.checkpoint.files()).await?;
        Ok(ModelIdentity::new(self.name.clone(), &self.source.place(), fingerprint))
    }

    /// Loads it for such pictures.
    pub async fn load(self, params: &GenerationParams) -> Result<(Model<Folder>, Compute)> {
        let Opened { arguments, source, checkpoint, .. } = self;
        let compute = Compute::open(arguments.device).await?;
        let limits = Limits {
            binding: compute.largest_binding,
            memory: None,
            gpu: compute.is_gpu(),
            f16: compute.computes_in_f16(),
        };
        let guides = params.is_guided() && checkpoint.unet.time_cond_proj_dim.is_none();
        let plan = engine::plan(&checkpoint, params.size(), guides, limits);
        if let Some(obstacle) = plan.obstacles.first() {
            return Err(Error::NoGpu { reason: obstacle.message() });
        }
        let bar = progress_bar("Loading", checkpoint.weight_bytes());
        let mut loaded = async |bytes| {
            bar.inc(bytes);
            Ok(())
        };
        let residence = match arguments.low_memory {
            true => Residence::OneAtATime,
            false => plan.residence(),
        };
        if compute.is_gpu() && !compute.is_software() {
            let (file, device) = (TileFile::of(&compute), &compute.device);
            let picture = GenerationParams { num_inference_steps: 1, ..params.clone() };
            engine::prepare_kernels(&file, &checkpoint, device, limits, &picture).await;
        }
        let (source, device) = (Rc::new(source), &compute.device);
        let model =
            engine::load(checkpoint, source, device, limits, residence, &mut loaded).await?;
        bar.finish_and_clear();
        Ok((model, compute))
    }
}
