//! Checkpoint: its configs and the locations of its tensors.
//!
//! Weights are read only when a network is loaded.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use burn::tensor::Device;

use super::AnyFamily;
use super::own_adapter::OwnAdapter;
use super::recognition;
use super::replaced_vae;
use super::spec::{FamilySpec, lacks};
use crate::error::{Error, Message, Result, messages};
use crate::model::{Component, Network, NetworkConfig};
use crate::params::NamedHash;
use crate::pipeline::metadata::vae_identity;
use crate::scheduler::SchedulerConfig;
use crate::weights::diffusers::ModelIndex;
use crate::weights::layout::Layout;
use crate::weights::patch::{Patches, Unpatched};
use crate::weights::{ModelCard, OpenOptions, Precision, Source, Tensors, VaeFiles, loader};

/// A checkpoint whose configs are read, but not its weights.
pub struct Checkpoint {
    /// Model family, with the values of the configs.
    pub family: AnyFamily,
    /// Networks.
    pub components: BTreeMap<Component, NetworkFiles>,
    /// `scheduler/scheduler_config.json`
    pub scheduler: SchedulerConfig,
    /// `hearth.json`
    pub model_card: ModelCard,
    /// Bytes of the model's own weight files. A single file may contain more than is used.
    file_bytes: u64,
    /// The autoencoder in place of the checkpoint's own.
    pub vae: Option<Rc<VaeFiles>>,
    /// Weight files of the model's own autoencoder, if another is in its place; `None` if they could not be
    /// found.
    own_vae_files: Option<Vec<String>>,
    /// The adapter that comes with the model.
    pub adapter: Option<OwnAdapter>,
    /// Number format of the loaded weights.
    pub precision: Precision,
}

/// Config and weight locations of a network.
#[derive(Debug, Clone)]
pub struct NetworkFiles {
    /// Config.
    pub config: NetworkConfig,
    /// Locations of the weights.
    pub tensors: Tensors,
}

impl NetworkFiles {
    /// Returns the shapes of the parameters by their paths, as the config describes them.
    pub fn expected(&self) -> Shapes {
        shapes(&self.config)
    }
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
        checkpoint.family.check()?;
        checkpoint.check_tensors()?;
        Ok(checkpoint)
    }

    async fn read(source: &impl Source, options: &OpenOptions) -> Result<Self> {
        let layout = Layout::of(source, &recognition::architectures(), options).await?;
        let index = ModelIndex::from_json(&layout.model_index(source).await?)?;
        let (spec, pipeline) = recognition::find(&index.class_name)?;
        let model_card = layout.model_card(source).await?;
        let (mut configs, mut tokenizers) = (BTreeMap::new(), BTreeMap::new());
        for row in spec.components {
            let component = row.component;
            let config = read_config(&layout, source, spec, component, &index, options).await?;
            configs.insert(component, config);
            if let Some(folder) = row.tokenizer {
                let tokenizer = layout.tokenizer(source, folder, options).await?;
                tokenizers.insert(component, Rc::new(tokenizer));
            }
        }
        let scheduler = read_scheduler(&layout.config(source, SCHEDULER).await?)?;
        let mut scheduler = (pipeline.scheduler)(scheduler);
        // A single file's config has it already.
        if let Some(prediction) = options.prediction {
            scheduler.prediction_type = Some(prediction.name().to_string());
        }
        if let Some(vae) = &options.vae {
            replaced_vae::check(vae, spec, &configs)?;
        }
        let family = AnyFamily::new(spec, &index, &configs, tokenizers)?;
        let mut components = BTreeMap::new();
        for (component, config) in configs {
            let tensors = find_tensors(&layout, source, component, &model_card, options).await;
            let mut tensors = tensors?;
            remove_unused(&mut tensors, &config);
            components.insert(component, NetworkFiles { config, tensors });
        }
        let own_vae_files = match &options.vae {
            None => None,
            Some(_) => layout.files(source, Component::VAE, &model_card, options).await,
        };
        let mut checkpoint = Checkpoint {
            family,
            components,
            scheduler,
            model_card,
            file_bytes: 0,
            vae: options.vae.clone(),
            own_vae_files,
            adapter: None,
            precision: options.precision,
        };
        let own = checkpoint.own_networks().map(|network| network.tensors.bytes());
        checkpoint.file_bytes = own.sum::<u64>().max(layout.bytes());
        checkpoint.adapter = match &checkpoint.model_card.adapter {
            Some(adapter) => Some(OwnAdapter::find(source, adapter).await?),
            None => None,
        };
        Ok(checkpoint)
    }

    /// Lists all reasons why the checkpoint cannot be opened, as far as each can be found without
    /// the others.
    pub async fn survey(source: &impl Source, options: &OpenOptions) -> Vec<Error> {
        let layout = match Layout::of(source, &recognition::architectures(), options).await {
            Ok(layout) => layout,
            Err(error) => return vec![error],
        };
        let index = layout.model_index(source).await;
        let index = index.and_then(|json| ModelIndex::from_json(&json));
        let known = index.and_then(|index| Ok((recognition::find(&index.class_name)?.0, index)));
        let (spec, index) = match known {
            Ok(known) => known,
            Err(error) => return vec![error],
        };
        let mut results = Vec::new();
        let model_card = layout.model_card(source).await.unwrap_or_default();
        for row in spec.components {
            let component = row.component;
            let config = read_config(&layout, source, spec, component, &index, options).await;
            let found = find_tensors(&layout, source, component, &model_card, options).await;
            match (config, found) {
                (Ok(config), Ok(mut found)) => {
                    remove_unused(&mut found, &config);
                    results.push(loader::check(&found, &shapes(&config)));
                }
                (config, found) => results.extend([config.map(drop), found.map(drop)]),
            }
        }
        let scheduler = layout.config(source, SCHEDULER).await;
        results.push(scheduler.and_then(|json| read_scheduler(&json)).map(drop));
        for folder in spec.components.iter().filter_map(|row| row.tokenizer) {
            results.push(layout.tokenizer(source, folder, options).await.map(drop));
        }
        results.into_iter().filter_map(Result::err).collect()
    }

    /// Returns the bytes of all weights.
    pub fn weight_bytes(&self) -> u64 {
        self.components.values().map(|network| network.tensors.bytes()).sum()
    }

    /// Returns the bytes of all files of weights, with those of another autoencoder.
    pub fn download_bytes(&self) -> u64 {
        self.own_bytes() + self.vae.as_ref().map_or(0, |vae| vae.bytes)
    }

    /// Returns the bytes of [`Checkpoint::files`].
    pub fn own_bytes(&self) -> u64 {
        self.file_bytes + self.adapter.as_ref().map_or(0, |adapter| adapter.bytes)
    }

    /// Returns the paths of the files that are downloaded from the checkpoint: those of its networks'
    /// weights, unless another autoencoder is in the place of its own, and of its adapter.
    pub fn files(&self) -> Vec<String> {
        let adapter = self.adapter.iter().map(|adapter| adapter.file.clone());
        self.network_files().into_iter().chain(adapter).collect()
    }

    /// Returns the paths of the files of the networks' weights inside the checkpoint.
    pub fn network_files(&self) -> Vec<String> {
        let files = self.own_networks().flat_map(|network| network.tensors.files());
        let files: BTreeSet<&str> = files.collect();
        files.into_iter().map(str::to_string).collect()
    }

    /// Returns the paths of the weight files that identify the model: with those of its own autoencoder,
    /// also if another is in its place. `None` if they could not be found.
    pub fn identifying_files(&self) -> Option<Vec<String>> {
        let own = match &self.vae {
            None => &[][..],
            Some(_) => self.own_vae_files.as_deref()?,
        };
        let mut files: BTreeSet<String> = self.network_files().into_iter().collect();
        files.extend(own.iter().cloned());
        Some(files.into_iter().collect())
    }

    /// Returns the identity of the autoencoder in place of the model's own.
    pub fn vae_identity(&self) -> Option<NamedHash> {
        let vae = self.vae.as_ref()?;
        Some(vae_identity(vae.name.clone(), vae.sha256.as_deref()))
    }

    /// Returns the bytes of the autoencoder's weights.
    pub fn vae_bytes(&self) -> u64 {
        self.components.get(&Component::VAE).map_or(0, |network| network.tensors.bytes())
    }

    /// Returns the paths of the weight files of all networks but the autoencoder. A single file may contain
    /// that, too.
    pub fn files_beside_vae(&self) -> Vec<String> {
        let networks = self.components.iter().filter(|(it, _)| **it != Component::VAE);
        let files: BTreeSet<&str> =
            networks.flat_map(|(_, network)| network.tensors.files()).collect();
        files.into_iter().map(str::to_string).collect()
    }

    /// Returns the networks whose weights are the checkpoint's own.
    fn own_networks(&self) -> impl Iterator<Item = &NetworkFiles> {
        let is_own = |component: &Component| self.vae.is_none() || *component != Component::VAE;
        self.components.iter().filter(move |(it, _)| is_own(it)).map(|(_, network)| network)
    }

    /// Returns the pixels per latent along each side.
    pub fn scale_factor(&self) -> usize {
        self.family.vae().scale_factor()
    }

    /// Returns width and height of the images that the model was trained on, in pixels.
    pub fn native_size(&self) -> [usize; 2] {
        let factor = self.scale_factor();
        let [h, w] = self.family.sample_size().map(|latents| latents * factor);
        let or = |given: usize, own: usize| if given == 0 { own } else { given };
        [or(self.model_card.width, w), or(self.model_card.height, h)]
    }

    /// Returns a network's config and the places of its weights.
    ///
    /// # Errors
    /// [`Error::Internal`] if the checkpoint has no such network.
    pub fn network(&self, component: Component) -> Result<&NetworkFiles> {
        self.components.get(&component).ok_or_else(|| lacks(component))
    }

    /// Loads a network without changes. `loaded`: see [`loader::load`].
    pub async fn load(
        &self,
        component: Component,
        source: &impl Source,
        device: &Device,
        loaded: &mut impl AsyncFnMut(u64) -> Result<()>,
    ) -> Result<Network> {
        self.load_patched(component, source, device, &Unpatched, loaded).await
    }

    /// Loads a network changed by `patches`.
    pub async fn load_patched(
        &self,
        component: Component,
        source: &impl Source,
        device: &Device,
        patches: &impl Patches,
        loaded: &mut impl AsyncFnMut(u64) -> Result<()>,
    ) -> Result<Network> {
        let NetworkFiles { config, tensors } = self.network(component)?;
        let network = Network::new(config, device);
        loader::load(network, tensors, source, device, self.precision, patches, loaded).await
    }

    /// Loads the parameters of `paths` of a loaded network again, with other `patches`.
    pub async fn reload(
        &self,
        (component, network): (Component, &mut Network),
        paths: &BTreeSet<String>,
        source: &impl Source,
        device: &Device,
        patches: &impl Patches,
        loaded: &mut impl AsyncFnMut(u64) -> Result<()>,
    ) -> Result<()> {
        let tensors = &self.network(component)?.tensors;
        let format = self.precision.weights(tensors, device);
        let tensors = tensors.only(paths);
        loader::reload(network, &tensors, source, device, format, patches, loaded).await
    }

    /// Checks the size of the model's images: buffer sizes are derived from it.
    fn check_size(&self) -> Result<()> {
        const MOST: usize = 4096;
        let [h, w] = self.family.sample_size();
        let latents = h.max(w).saturating_mul(self.scale_factor());
        let side = latents.max(self.model_card.width).max(self.model_card.height);
        if side == 0 || side > MOST {
            return Err(Error::InvalidConfig {
                path: Component::UNET.config_path(),
                reason: messages::pictures_too_large(side, MOST),
            });
        }
        Ok(())
    }

    fn check_tensors(&self) -> Result<()> {
        let mut each = self.components.iter();
        each.try_for_each(|(component, network)| {
            let checked = loader::check(&network.tensors, &network.expected());
            checked.map_err(|error| match (error, &self.vae) {
                (Error::TensorMismatch { path, missing, unexpected, wrong_shape }, Some(vae))
                    if *component == Component::VAE =>
                {
                    let path = vae.shown(&path);
                    Error::TensorMismatch { path, missing, unexpected, wrong_shape }
                }
                (error, _) => error,
            })
        })
    }
}

const SCHEDULER: &str = "scheduler/scheduler_config.json";

/// Shapes of a network's parameters by their paths.
pub type Shapes = BTreeMap<String, Vec<usize>>;

/// Returns the shapes that a config describes.
pub fn shapes(config: &NetworkConfig) -> Shapes {
    // A network without weights, so its device does not matter.
    loader::parameters(&Network::new(config, &Device::flex()))
}

/// Reads the config of a network. The class of a text encoder is that of `model_index.json`.
async fn read_config(
    layout: &Layout,
    source: &impl Source,
    spec: &FamilySpec,
    component: Component,
    index: &ModelIndex,
    options: &OpenOptions,
) -> Result<NetworkConfig> {
    let path = component.config_path();
    let json = layout.config(source, &path).await;
    if let Some(vae) = options.vae.as_ref().filter(|_| component == Component::VAE) {
        // The model may have none.
        return replaced_vae::config(vae, spec, json.ok());
    }
    let mut config = NetworkConfig::from_json(component.kind, &json?, &path)?;
    if let (NetworkConfig::ClipText(config), Some(class)) = (&mut config, index.class(component)) {
        config.set_class(class);
    }
    Ok(config)
}

/// Finds the tensors of a network.
async fn find_tensors(
    layout: &Layout,
    source: &impl Source,
    component: Component,
    model_card: &ModelCard,
    options: &OpenOptions,
) -> Result<Tensors> {
    match options.vae.as_ref().filter(|_| component == Component::VAE) {
        Some(vae) => Ok(vae.tensors.clone()),
        None => layout.tensors(source, component, model_card, options).await,
    }
}

/// Removes a projection that the text encoder does not have: files of `CLIPTextModelWithProjection`
/// are also loaded as `CLIPTextModel`, without a word from transformers.
fn remove_unused(tensors: &mut Tensors, config: &NetworkConfig) {
    if matches!(config, NetworkConfig::ClipText(config) if !config.has_projection()) {
        tensors.remove("text_projection.weight");
    }
}

fn read_scheduler(json: &[u8]) -> Result<SchedulerConfig> {
    let invalid = |reason: Message| Error::InvalidConfig { path: SCHEDULER.to_string(), reason };
    let json = std::str::from_utf8(json).map_err(|e| invalid(Message::verbatim(e)))?;
    SchedulerConfig::from_json(json)
}
