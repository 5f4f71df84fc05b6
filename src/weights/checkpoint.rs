//! A checkpoint: its configs, and where its tensors lie. Nothing of the weights is read before a
//! network is loaded.

use std::collections::{BTreeMap, BTreeSet};

use burn::tensor::Device;

use super::component::Component;
use super::configs::Configs;
use super::diffusers::ModelIndex;
use super::family::Family;
use super::layout::Layout;
use super::loader;
use super::options::OpenOptions;
use super::precision::Precision;
use super::sheet::Sheet;
use super::source::Source;
use super::tensors::Tensors;
use crate::error::{Error, Message, Result, messages};
use crate::model::{ClipTextConfig, ClipTextModel, UNet2DConditionConfig, UNet2DConditionModel};
use crate::model::{Vae, VaeConfig};
use crate::scheduler::SchedulerConfig;
use crate::tokenizer::Tokenizer;

/// A checkpoint whose configs are read and whose weights are not.
pub struct Checkpoint {
    /// What kind of model it is.
    pub family: Family,
    /// Prompt → ids, one for each text encoder.
    pub tokenizers: Vec<Tokenizer>,
    /// The text encoders, one or two.
    pub text_encoders: Vec<ClipTextConfig>,
    /// `unet/config.json`
    pub unet: UNet2DConditionConfig,
    /// `vae/config.json`
    pub vae: VaeConfig,
    /// `scheduler/scheduler_config.json`
    pub scheduler: SchedulerConfig,
    /// SDXL: an empty negative prompt is zeros, not an encoded empty text.
    pub force_zeros_for_empty_prompt: bool,
    /// `hearth.json`
    pub sheet: Sheet,
    /// Bytes of the files that hold the weights; a single file may hold more than is used.
    pub file_bytes: u64,
    /// In which number format the weights shall be kept.
    pub precision: Precision,
    /// Where the weights are.
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
        let sheet = layout.sheet(source).await?;
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
            let found = layout.tensors(source, component, &sheet, options).await?;
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
            sheet,
            precision: options.precision,
            tensors,
        })
    }

    /// Everything that keeps the checkpoint from being opened, as far as one thing can be looked at
    /// without the others.
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
        let sheet = layout.sheet(source).await.unwrap_or_default();
        for component in family.components() {
            let path = format!("{}/config.json", component.folder());
            let json = layout.config(source, &path).await;
            let expected = json.and_then(|json| expected(component, &json, &path));
            let found = layout.tensors(source, component, &sheet, options).await;
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

    /// Bytes of all weights together.
    pub fn weight_bytes(&self) -> u64 {
        self.tensors.values().map(Tensors::bytes).sum()
    }

    /// The files that hold the weights, as paths inside the checkpoint.
    pub fn files(&self) -> Vec<String> {
        let files: BTreeSet<&str> = self.tensors.values().flat_map(Tensors::files).collect();
        files.into_iter().map(str::to_string).collect()
    }

    /// Width and height of the pictures the model was trained on, pixels.
    pub fn own_size(&self) -> [usize; 2] {
        let factor = self.vae.scale_factor();
        let [h, w] = self.unet.sample_size().map(|latents| latents * factor);
        let or = |given: usize, own: usize| if given == 0 { own } else { given };
        [or(self.sheet.width, w), or(self.sheet.height, h)]
    }

    /// A text encoder with its weights: 0, or 1 for the second. `loaded`: see [`loader::load`].
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

    /// The UNet with its weights. `loaded`: see [`loader::load`].
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

    /// The autoencoder with its weights. `loaded`: see [`loader::load`].
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

    /// The shapes of a component's parameters by their paths, as its config describes them.
    pub fn expected(&self, component: Component) -> Shapes {
        let encoder = |index: usize| self.text_encoders.get(index).map(of_text_encoder);
        match component {
            Component::TextEncoder => encoder(0).unwrap_or_default(),
            Component::TextEncoder2 => encoder(1).unwrap_or_default(),
            Component::UNet => of_unet(&self.unet),
            Component::Vae => of_vae(&self.vae),
        }
    }

    /// What is worked out from the size of its pictures must stay within reason.
    fn check_size(&self) -> Result<()> {
        const MOST: usize = 4096;
        let [h, w] = self.unet.sample_size();
        let latents = h.max(w).saturating_mul(self.vae.scale_factor());
        let side = latents.max(self.sheet.width).max(self.sheet.height);
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

/// The shapes of a network's parameters by their paths.
pub type Shapes = BTreeMap<String, Vec<usize>>;

/// What one config describes.
fn expected(component: Component, json: &[u8], path: &str) -> Result<Shapes> {
    Ok(match component {
        Component::TextEncoder | Component::TextEncoder2 => {
            of_text_encoder(&ClipTextConfig::from_json(json, path)?)
        }
        Component::UNet => of_unet(&UNet2DConditionConfig::from_json(json)?),
        Component::Vae => of_vae(&VaeConfig::from_json(json, path)?),
    })
}

// The networks are made without weights, so it matters not where.

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
