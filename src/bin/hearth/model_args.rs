//! Model, device and dtype arguments of the subcommands that compute.

use std::path::PathBuf;
use std::rc::Rc;

use hearth::adapters::AdapterFile;
use hearth::device::{Compute, DeviceKind};
use hearth::error::Message;
use hearth::families::{Checkpoint, OwnAdapter};
use hearth::params::{GenerationParams, NamedHash};
use hearth::pipeline::metadata::ModelIdentity;
use hearth::runtime::{self, Limits, Model, Residency, Sources};
use hearth::weights::{Folder, OpenOptions, Precision, Source, fingerprint};
use hearth::{Error, Result};

use super::adapters::{LoraArgument, open_adapters};
use super::model_path::open_path;
use super::options::Options;
use super::progress::{device_name, progress_bar};
use super::tiles::TileFile;
use super::vae::VaeArgument;

#[derive(clap::Args)]
pub struct ModelArguments {
    /// Folder in diffusers layout, or a .safetensors file
    #[arg(short, long, value_name = "PATH")]
    model: PathBuf,
    #[command(flatten)]
    options: Options,
    #[command(flatten)]
    vae: VaeArgument,
    /// A LoRA (or LoHa, LoKr, DoRA) with its weights for the UNet and for the text encoders, both 1 if left out; may be
    /// given several times
    #[arg(long, value_name = "PATH[:WEIGHT[:TE_WEIGHT]]")]
    lora: Vec<LoraArgument>,
    /// Do without the adapter that comes with the model
    #[arg(long, alias = "no_adapter")]
    no_adapter: bool,
    /// Load each network when its turn comes: less memory, slower
    #[arg(long, alias = "low_memory")]
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
    /// Checks that `device` supports it.
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

/// A checkpoint whose configs have been read, but not its weights.
pub struct OpenedCheckpoint<'a> {
    arguments: &'a ModelArguments,
    source: Folder,
    vae: Option<Folder>,
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// Display name.
    pub name: String,
    /// Default parameters.
    pub defaults: GenerationParams,
}

impl ModelArguments {
    /// Reads the checkpoint's configs.
    pub async fn open(&self) -> Result<OpenedCheckpoint<'_>> {
        self.dtype.check(self.device)?;
        let source = open_path(&self.model)?;
        let mut options = OpenOptions { precision: self.dtype.into(), ..self.options.to_open() };
        // Of two files of weights, the one in the requested format.
        options.full_precision |= self.dtype == Dtype::F32;
        let vae = self.vae.open(&mut options).await?;
        let checkpoint = Checkpoint::open(&source, &options).await?;
        let name = runtime::name(&checkpoint, &source);
        let mut defaults = runtime::default_params(&checkpoint, &name);
        if let Some(own) = self.own_adapter(&checkpoint) {
            defaults = defaults.with(&own.params);
        }
        Ok(OpenedCheckpoint { arguments: self, source, vae, checkpoint, name, defaults })
    }
}

impl ModelArguments {
    /// Returns the adapter that comes with the model, unless it is to be left out.
    fn own_adapter<'a>(&self, checkpoint: &'a Checkpoint) -> Option<&'a OwnAdapter> {
        checkpoint.adapter.as_ref().filter(|_| !self.no_adapter)
    }
}

impl OpenedCheckpoint<'_> {
    /// Returns the model's identity for the metadata of images.
    pub async fn identity(&self) -> Result<ModelIdentity> {
        let fingerprint = match self.checkpoint.identifying_files() {
            Some(files) => fingerprint(&self.source, &files).await?,
            None => None,
        };
        Ok(ModelIdentity::new(self.name.clone(), &self.source.place(), fingerprint))
    }

    /// Returns the identity of the autoencoder in place of the model's own.
    pub fn vae_identity(&self) -> Option<NamedHash> {
        self.checkpoint.vae_identity()
    }

    /// Loads the model for images with these parameters.
    pub async fn load(self, params: &GenerationParams) -> Result<(Model<Folder>, Compute)> {
        let OpenedCheckpoint { arguments, source, vae, checkpoint, .. } = self;
        let source = Rc::new(source);
        let compute = Compute::open(arguments.device).await?;
        if compute.is_software() {
            eprintln!("hearth: {}", device_name(&compute));
        }
        let limits = Limits::of_device(&compute);
        let uses_cfg = params.is_guided() && checkpoint.family.facts().time_cond_proj_dim.is_none();
        let own = match arguments.own_adapter(&checkpoint) {
            Some(own) => Some(AdapterFile::read_at(Rc::clone(&source), own.file.clone()).await?),
            None => None,
        };
        let adapters = open_adapters(&arguments.lora, own, &checkpoint).await?;
        let plan = runtime::memory_plan(&checkpoint, params.size(), uses_cfg, limits);
        if let Some(blocker) = plan.blockers.first() {
            return Err(Error::NoGpu { reason: blocker.message() });
        }
        let bar = progress_bar("Loading", checkpoint.weight_bytes());
        let mut loaded = async |bytes| {
            bar.inc(bytes);
            Ok(())
        };
        let residency = match arguments.low_memory {
            true => Residency::OneAtATime,
            false => plan.residency(),
        };
        if compute.is_gpu() && !compute.is_software() {
            let (file, device) = (TileFile::new(&compute), &compute.device);
            let run = GenerationParams { num_inference_steps: 1, ..params.clone() };
            runtime::prepare_kernels(&file, &checkpoint, device, limits, &run).await;
        }
        let sources = Sources { model: source, vae: vae.map(Rc::new) };
        let device = &compute.device;
        let model = runtime::load_with_adapters(
            checkpoint,
            sources,
            device,
            limits,
            residency,
            adapters,
            &mut loaded,
        )
        .await?;
        bar.finish_and_clear();
        Ok((model, compute))
    }
}
