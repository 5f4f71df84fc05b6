//! A checkpoint in diffusers layout: its configs, and its networks one by one.

use burn::tensor::Device;
use serde_json::Value;

use super::component::Component;
use super::loader;
use super::sheet::Sheet;
use super::source::Source;
use crate::error::{Error, Result};
use crate::model::{
    ClipTextConfig, ClipTextModel, UNet2DConditionConfig, UNet2DConditionModel, Vae, VaeConfig,
};
use crate::scheduler::SchedulerConfig;
use crate::tokenizer::Tokenizer;

/// A checkpoint whose configs are read and whose weights are not.
pub struct Checkpoint {
    /// Prompt → ids.
    pub tokenizer: Tokenizer,
    /// `text_encoder/config.json`
    pub text_encoder: ClipTextConfig,
    /// `unet/config.json`
    pub unet: UNet2DConditionConfig,
    /// `vae/config.json`
    pub vae: VaeConfig,
    /// `scheduler/scheduler_config.json`
    pub scheduler: SchedulerConfig,
    /// `hearth.json`
    pub sheet: Sheet,
    weights: Vec<WeightFile>,
}

/// What a checkpoint's weights need of a device, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    /// The largest single tensor: a GPU must be able to bind that much.
    pub largest_tensor: u64,
    /// All of them together.
    pub all_tensors: u64,
}

struct WeightFile {
    component: Component,
    path: &'static str,
    bytes: u64,
}

impl Checkpoint {
    /// Reads and checks every config of the checkpoint at `source`.
    ///
    /// # Errors
    /// The first file that is missing, broken, or asks for something that is not supported; weights
    /// that are missing; configs that do not fit each other.
    pub async fn open(source: &impl Source) -> Result<Self> {
        check_kind(&required(source, "model_index.json").await?)?;
        let sheet = Sheet::from_json(source.read_small(Sheet::PATH).await?.as_deref())?;
        let text_encoder = ClipTextConfig::from_json(
            &required(source, ClipTextConfig::PATH).await?,
            ClipTextConfig::PATH,
        )?;
        let unet = UNet2DConditionConfig::from_json(
            &required(source, UNet2DConditionConfig::PATH).await?,
        )?;
        let vae = VaeConfig::from_json(&required(source, VaeConfig::PATH).await?, VaeConfig::PATH)?;
        let scheduler = open_scheduler(source).await?;
        let tokenizer = open_tokenizer(source).await?;
        let mut weights = Vec::new();
        for component in Component::ALL {
            weights.push(find_weights(source, component, &sheet).await?);
        }
        let checkpoint =
            Checkpoint { tokenizer, text_encoder, unet, vae, scheduler, sheet, weights };
        checkpoint.check_fit()?;
        Ok(checkpoint)
    }

    /// Bytes of all weight files together.
    pub fn weight_bytes(&self) -> u64 {
        self.weights.iter().map(|file| file.bytes).sum()
    }

    /// Width and height of the pictures the model was trained on, pixels.
    pub fn own_size(&self) -> [usize; 2] {
        let factor = self.vae.scale_factor();
        let [h, w] = self.unet.sample_size().map(|latents| latents * factor);
        let or = |given: usize, own: usize| if given == 0 { own } else { given };
        [or(self.sheet.width, w), or(self.sheet.height, h)]
    }

    /// What the weights need in f32, without reading them.
    pub fn needs(&self) -> Needs {
        let nowhere = Device::flex(); // The networks are made without weights.
        let shapes = [
            loader::parameters(&ClipTextModel::new(&self.text_encoder, &nowhere)),
            loader::parameters(&UNet2DConditionModel::new(&self.unet, &nowhere)),
            loader::parameters(&Vae::new(&self.vae, &nowhere)),
        ];
        let bytes = |shape: &Vec<usize>| shape.iter().product::<usize>() as u64 * 4;
        let tensors = || shapes.iter().flat_map(|shapes| shapes.values().map(bytes));
        Needs { largest_tensor: tensors().max().unwrap_or(0), all_tensors: tensors().sum() }
    }

    /// The text encoder with its weights. `loaded`: see [`loader::load`].
    pub async fn load_text_encoder(
        &self,
        source: &impl Source,
        device: &Device,
        loaded: &mut impl AsyncFnMut(u64),
    ) -> Result<ClipTextModel> {
        let (part, path) = self.file(Component::TextEncoder)?;
        let module = ClipTextModel::new(&self.text_encoder, device);
        loader::load(module, part, source, path, device, loaded).await
    }

    /// The UNet with its weights. `loaded`: see [`loader::load`].
    pub async fn load_unet(
        &self,
        source: &impl Source,
        device: &Device,
        loaded: &mut impl AsyncFnMut(u64),
    ) -> Result<UNet2DConditionModel> {
        let (part, path) = self.file(Component::UNet)?;
        let module = UNet2DConditionModel::new(&self.unet, device);
        loader::load(module, part, source, path, device, loaded).await
    }

    /// The autoencoder with its weights. `loaded`: see [`loader::load`].
    pub async fn load_vae(
        &self,
        source: &impl Source,
        device: &Device,
        loaded: &mut impl AsyncFnMut(u64),
    ) -> Result<Vae> {
        let (part, path) = self.file(Component::Vae)?;
        let module = Vae::new(&self.vae, device);
        loader::load(module, part, source, path, device, loaded).await
    }

    fn file(&self, component: Component) -> Result<(Component, &'static str)> {
        let file = self.weights.iter().find(|file| file.component == component);
        file.map(|file| (component, file.path)).ok_or_else(|| Error::Internal {
            reason: format!("no weights recorded for {component:?}"),
        })
    }

    /// Sizes that two configs must agree on.
    fn check_fit(&self) -> Result<()> {
        let fail = |path: &str, reason: String| {
            Err(Error::InvalidConfig { path: path.to_string(), reason })
        };
        let blocks = self.unet.block_out_channels.len();
        let context = self.text_encoder.hidden_size;
        if (0..blocks).any(|block| self.unet.cross_attention_dim.get(block) != context) {
            let reason = format!(
                "cross_attention_dim is not {context}, the hidden_size in {}",
                ClipTextConfig::PATH
            );
            return fail(UNet2DConditionConfig::PATH, reason);
        }
        let latent = self.vae.latent_channels();
        if self.unet.out_channels != latent {
            let reason = format!(
                "out_channels is {}, the latent_channels in {} are {latent}",
                self.unet.out_channels,
                VaeConfig::PATH
            );
            return fail(UNet2DConditionConfig::PATH, reason);
        }
        let (tokens, positions) =
            (self.tokenizer.model_max_length(), self.text_encoder.max_position_embeddings);
        if tokens > positions {
            let reason =
                format!("max_position_embeddings is {positions}, the tokenizer's {tokens}");
            return fail(ClipTextConfig::PATH, reason);
        }
        if self.tokenizer.vocab_size() > self.text_encoder.vocab_size {
            let reason = format!(
                "vocab_size is {}, the tokenizer's {}",
                self.text_encoder.vocab_size,
                self.tokenizer.vocab_size()
            );
            return fail(ClipTextConfig::PATH, reason);
        }
        Ok(())
    }
}

async fn required(source: &impl Source, path: &str) -> Result<Vec<u8>> {
    source.read_small(path).await?.ok_or_else(|| missing(source, path))
}

fn missing(source: &impl Source, path: &str) -> Error {
    Error::MissingFile { path: path.to_string(), place: source.place() }
}

/// `model_index.json` names the pipeline the checkpoint was made for.
fn check_kind(json: &[u8]) -> Result<()> {
    const PATH: &str = "model_index.json";
    const SUPPORTED: [&str; 2] = ["StableDiffusionPipeline", "StableDiffusionImg2ImgPipeline"];
    let index: Value = serde_json::from_slice(json)
        .map_err(|e| Error::InvalidConfig { path: PATH.to_string(), reason: e.to_string() })?;
    match index.get("_class_name").and_then(Value::as_str) {
        Some(kind) if SUPPORTED.contains(&kind) => Ok(()),
        Some(kind) => Err(Error::Unsupported {
            path: PATH.to_string(),
            what: format!("a {kind}"),
            remedy: "Stable Diffusion 1.x and 2.x checkpoints for text to image work".to_string(),
        }),
        None => Err(Error::InvalidConfig {
            path: PATH.to_string(),
            reason: "it has no _class_name".to_string(),
        }),
    }
}

async fn open_scheduler(source: &impl Source) -> Result<SchedulerConfig> {
    const PATH: &str = "scheduler/scheduler_config.json";
    let json = required(source, PATH).await?;
    let json = std::str::from_utf8(&json)
        .map_err(|e| Error::InvalidConfig { path: PATH.to_string(), reason: e.to_string() })?;
    Ok(SchedulerConfig::from_json(json)?.for_stable_diffusion())
}

async fn open_tokenizer(source: &impl Source) -> Result<Tokenizer> {
    let config = source.read_small("tokenizer/tokenizer_config.json").await?;
    let special = source.read_small("tokenizer/special_tokens_map.json").await?;
    if let Some(vocab) = source.read_small("tokenizer/vocab.json").await? {
        let merges = required(source, "tokenizer/merges.txt").await?;
        let (config, special) = (config.as_deref(), special.as_deref());
        return Tokenizer::from_vocab_and_merges(&vocab, &merges, config, special);
    }
    match source.read_small("tokenizer/tokenizer.json").await? {
        Some(json) => Tokenizer::from_tokenizer_json(&json, config.as_deref(), special.as_deref()),
        None => Err(missing(source, "tokenizer/vocab.json")),
    }
}

async fn find_weights(
    source: &impl Source,
    component: Component,
    sheet: &Sheet,
) -> Result<WeightFile> {
    let files = component.weight_files();
    // Who knows which variant there is need not ask for the other.
    let named = files.iter().find(|path| sheet.sha256.contains_key(**path));
    for path in named.map_or(files.as_slice(), std::slice::from_ref).iter().copied() {
        if let Some(bytes) = source.len(path).await? {
            return Ok(WeightFile { component, path, bytes });
        }
    }
    Err(missing(source, files[1]))
}
