//! Checkpoint: its configs and the places of its tensors.
//!
//! Weights are read only when a network is loaded.

use std::collections::{BTreeMap, BTreeSet};

use burn::tensor::Device;

use super::component::Component;
use super::configs::Configs;
use super::diffusers::ModelIndex;
use super::family::Family;
use super::layout::Layout;
use super::loader;
use super::model_card::ModelCard;
use super::options::OpenOptions;
use super::precision::Precision;
use super::source::Source;
use super::tensors::Tensors;
use crate::error::{Error, Message, Result, messages};
use crate::model::{ClipTextConfig, ClipTextModel, UNet2DConditionConfig, UNet2DConditionModel};
use crate::model::{Vae, VaeConfig};
use crate::scheduler::SchedulerConfig;
use crate::tokenizer::Tokenizer;

/// A checkpoint whose configs are read, but not its weights.
pub struct Checkpoint {
    /// Model family.
    pub family: Family,
    /// One for each text encoder.
    pub tokenizers: Vec<Tokenizer>,
    /// The text encoders, one or two.
    pub text_encoders: Vec<ClipTextConfig>,
    /// `unet/config.json`
    pub unet: UNet2DConditionConfig,
    /// `vae/config.json`
    pub vae: VaeConfig,
    /// `scheduler/scheduler_config.json`
    pub scheduler: SchedulerConfig,
    /// SDXL: an empty negative prompt becomes zeros instead of an encoded empty text.
    pub force_zeros_for_empty_prompt: bool,
    /// `hearth.json`
    pub model_card: ModelCard,
    /// Bytes of the weight files. A single file may contain more than is used.
    pub file_bytes: u64,
    /// Number format of the loaded weights.
    pub precision: Precision,
    /// Places of the weights.
    pub tensors: BTreeMap<Component, Tensors>,
}

impl Checkpoint {
    /// Reads and checks every config of the checkpoint at `source`, and the index of its weights.
    ///
    /// # Errors
    /// The first file that is missing, broken, or asks for something that is not supported; weights
    /// that are missing or do not fit their config; configs that do not fit each other.
    pub async fn open(source: &impl Source, options: &OpenOptions) -> Result<Self> {
        let checkpoint = Self::read(source, options).await?;
        checkpoint.check_size()?;
        checkpoint.configs().check_fit()?;
        checkpoint.check_tensors()?;
        Ok(checkpoint)
    }

    async fn read(source: &impl Source, options: &OpenOptions) -> Result<Self> {
        let layout = Layout::of(source, options).await?;
        let index = ModelIndex::from_json(&layout.model_index(source).await?)?;
        let family = Family::of(&index.class_name)?;
        let model_card = layout.model_card(source).await?;
        let (mut tokenizers, mut text_encoders) = (Vec::new(), Vec::new());
        for (tokenizer, config) in family.encoders() {
            let json = layout.config(source, config).await?;
            text_encoders.push(ClipTextConfig::from_json(&json, config)?);
            tokenizers.push(layout.tokenizer(source, tokenizer, options).await?);
        }
        let unet = layout.config(source, UNet2DConditionConfig::PATH).await?;
        let unet = UNet2DConditionConfig::from_json(&unet)?;
        let vae = layout.config(source, VaeConfig::PATH).await?;
        let vae = VaeConfig::from_json(&vae, VaeConfig::PATH)?;
        let scheduler =
            open_scheduler(&layout.config(source, SCHEDULER).await?, &index.class_name)?;
        let mut tensors = BTreeMap::new();
        for component in family.components() {
            let found = layout.tensors(source, component, &model_card, options).await?;
            tensors.insert(component, found);
        }
        let used: u64 = tensors.values().map(Tensors::bytes).sum();
        let file_bytes = used.max(layout.bytes());
        Ok(Checkpoint {
            file_bytes,
            family,
            tokenizers,
            text_encoders,
            unet,
            vae,
            scheduler,
            force_zeros_for_empty_prompt: index.force_zeros_for_empty_prompt,
            model_card,
            precision: options.precision,
            tensors,
        })
    }

    /// Lists all reasons why the checkpoint cannot be opened, as far as each can be found without
    /// the others.
    pub async fn survey(source: &impl Source, options: &OpenOptions) -> Vec<Error> {
        let layout = match Layout::of(source, options).await {
            Ok(layout) => layout,
            Err(error) => return vec![error],
        };
        let index = layout.model_index(source).await;
        let index = index.and_then(|json| ModelIndex::from_json(&json));
        let known = index.and_then(|index| Ok((Family::of(&index.class_name)?, index.class_name)));
        let (family, class_name) = match known {
            Ok(known) => known,
            Err(error) => return vec![error],
        };
        let mut results = Vec::new();
        let model_card = layout.model_card(source).await.unwrap_or_default();
        for component in family.components() {
            let path = format!("{}/config.json", component.folder());
            let json = layout.config(source, &path).await;
            let expected = json.and_then(|json| expected(component, &json, &path));
            let found = layout.tensors(source, component, &model_card, options).await;
            match (expected, found) {
                (Ok(expected), Ok(found)) => results.push(loader::check(&found, &expected)),
                (expected, found) => results.extend([expected.map(drop), found.map(drop)]),
            }
        }
        let scheduler = layout.config(source, SCHEDULER).await;
        results.push(scheduler.and_then(|json| open_scheduler(&json, &class_name)).map(drop));
        for (tokenizer, _) in family.encoders() {
            results.push(layout.tokenizer(source, tokenizer, options).await.map(drop));
        }
        results.into_iter().filter_map(Result::err).collect()
    }

    /// Returns the bytes of all weights.
    pub fn weight_bytes(&self) -> u64 {
        self.tensors.values().map(Tensors::bytes).sum()
    }

    /// Returns the paths of the weight files inside the checkpoint.
    pub fn files(&self) -> Vec<String> {
        let files: BTreeSet<&str> = self.tensors.values().flat_map(Tensors::files).collect();
        files.into_iter().map(str::to_string).collect()
    }

    /// Returns width and height of the images that the model was trained on, in pixels.
    pub fn own_size(&self) -> [usize; 2] {
        let factor = self.vae.scale_factor();
        let [h, w] = self.unet.sample_size().map(|latents| latents * factor);
        let or = |given: usize, own: usize| if given == 0 { own } else { given };
        [or(self.model_card.width, w), or(self.model_card.height, h)]
    }

    /// Loads a text encoder: 0, or 1 for the second. `loaded`: see [`loader::load`].
    pub async fn load_text_encoder(
        &self,
        index: usize,
        source: &impl Source,
        device: &Device,
        loaded: &mut impl AsyncFnMut(u64) -> Result<()>,
    ) -> Result<ClipTextModel> {
        let component = text_encoder(index);
        let config = self.text_encoders.get(index).ok_or_else(|| absent(component))?;
        let module = ClipTextModel::new(config, device);
        loader::load(module, self.of(component)?, source, device, self.precision, loaded).await
    }

    /// Loads the UNet. `loaded`: see [`loader::load`].
    pub async fn load_unet(
        &self,
        source: &impl Source,
        device: &Device,
        loaded: &mut impl AsyncFnMut(u64) -> Result<()>,
    ) -> Result<UNet2DConditionModel> {
        let module = UNet2DConditionModel::new(&self.unet, device);
        loader::load(module, self.of(Component::UNet)?, source, device, self.precision, loaded)
            .await
    }

    /// Loads the autoencoder. `loaded`: see [`loader::load`].
    pub async fn load_vae(
        &self,
        source: &impl Source,
        device: &Device,
        loaded: &mut impl AsyncFnMut(u64) -> Result<()>,
    ) -> Result<Vae> {
        let module = Vae::new(&self.vae, device);
        loader::load(module, self.of(Component::Vae)?, source, device, self.precision, loaded).await
    }

    fn configs(&self) -> Configs<'_> {
        let Checkpoint { family, tokenizers, text_encoders, unet, vae, .. } = self;
        Configs { family: *family, tokenizers, text_encoders, unet, vae }
    }

    fn of(&self, component: Component) -> Result<&Tensors> {
        self.tensors.get(&component).ok_or_else(|| absent(component))
    }

    /// Returns the shapes of a component's parameters by their paths, according to its config.
    pub fn expected(&self, component: Component) -> Shapes {
        let encoder = |index: usize| self.text_encoders.get(index).map(of_text_encoder);
        match component {
            Component::TextEncoder => encoder(0).unwrap_or_default(),
            Component::TextEncoder2 => encoder(1).unwrap_or_default(),
            Component::UNet => of_unet(&self.unet),
            Component::Vae => of_vae(&self.vae),
        }
    }

    /// Checks the size of its images: buffers are derived from it.
    fn check_size(&self) -> Result<()> {
        const MOST: usize = 4096;
        let [h, w] = self.unet.sample_size();
        let latents = h.max(w).saturating_mul(self.vae.scale_factor());
        let side = latents.max(self.model_card.width).max(self.model_card.height);
        if side == 0 || side > MOST {
            return Err(Error::InvalidConfig {
                path: UNet2DConditionConfig::PATH.to_string(),
                reason: messages::pictures_too_large(side, MOST),
            });
        }
        Ok(())
    }

    fn check_tensors(&self) -> Result<()> {
        let mut each = self.tensors.iter();
        each.try_for_each(|(component, tensors)| loader::check(tensors, &self.expected(*component)))
    }
}

const SCHEDULER: &str = "scheduler/scheduler_config.json";

fn text_encoder(index: usize) -> Component {
    if index == 0 { Component::TextEncoder } else { Component::TextEncoder2 }
}

fn absent(component: Component) -> Error {
    let reason = Message::verbatim(format!("this checkpoint has no {}", component.folder()));
    Error::Internal { reason }
}

/// Shapes of a network's parameters by their paths.
pub type Shapes = BTreeMap<String, Vec<usize>>;

/// Returns the shapes that a config describes.
fn expected(component: Component, json: &[u8], path: &str) -> Result<Shapes> {
    Ok(match component {
        Component::TextEncoder | Component::TextEncoder2 => {
            of_text_encoder(&ClipTextConfig::from_json(json, path)?)
        }
        Component::UNet => of_unet(&UNet2DConditionConfig::from_json(json)?),
        Component::Vae => of_vae(&VaeConfig::from_json(json, path)?),
    })
}

// These networks have no weights, so their device does not matter.

fn of_text_encoder(config: &ClipTextConfig) -> Shapes {
    loader::parameters(&ClipTextModel::new(config, &Device::flex()))
}

fn of_unet(config: &UNet2DConditionConfig) -> Shapes {
    loader::parameters(&UNet2DConditionModel::new(config, &Device::flex()))
}

fn of_vae(config: &VaeConfig) -> Shapes {
    loader::parameters(&Vae::new(config, &Device::flex()))
}

fn open_scheduler(json: &[u8], class_name: &str) -> Result<SchedulerConfig> {
    let invalid = |reason: Message| Error::InvalidConfig { path: SCHEDULER.to_string(), reason };
    let json = std::str::from_utf8(json).map_err(|e| invalid(Message::verbatim(e)))?;
    let config = SchedulerConfig::from_json(json)?;
    Ok(match class_name {
        "StableDiffusionPipeline" | "StableDiffusionImg2ImgPipeline" => {
            config.for_stable_diffusion()
        }
        "StableDiffusionInpaintPipeline" => config.for_inpainting(),
        _ => config, // SDXL's and LCM's pipelines take it as it is.
    })
}
