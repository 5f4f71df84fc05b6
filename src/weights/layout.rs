//! Layout of a checkpoint: a folder per component, or a single file.

use super::diffusers::{self, MODEL_INDEX, required};
use super::model_card::ModelCard;
use super::options::OpenOptions;
use super::single_file::{self, Architecture, SingleFile};
use super::source::Source;
use super::tensors::Tensors;
use crate::error::{Error, Message, Result};
use crate::model::Component;
use crate::tokenizer::Tokenizer;

/// A layout with the information needed to read from it.
pub enum Layout {
    /// The folder of diffusers.
    Folder,
    /// The single file of CompVis and Stability AI.
    File(Box<SingleFile>),
}

impl Layout {
    /// Detects the layout of `source`. A single file has one of the `known` architectures.
    ///
    /// # Errors
    /// [`Error::NotACheckpoint`] for a file that is something else.
    pub async fn of(
        source: &impl Source,
        known: &[&'static Architecture],
        options: &OpenOptions,
    ) -> Result<Self> {
        match source.single_file() {
            None => Ok(Layout::Folder),
            Some(path) => {
                let spare = options.vae.as_ref().map(|_| Component::VAE);
                let prediction = options.prediction;
                let file = single_file::open(source, path, known, prediction, spare).await?;
                Ok(Layout::File(Box::new(file)))
            }
        }
    }

    /// Reads a config by its path in diffusers layout.
    pub async fn config(&self, source: &impl Source, path: &str) -> Result<Vec<u8>> {
        match self {
            Layout::Folder => required(source, path).await,
            Layout::File(file) => match file.configs.get(path) {
                Some(config) => Ok(config.clone().into_bytes()),
                None => {
                    let reason = Message::verbatim(format!("there is no preset of {path}"));
                    Err(Error::Internal { reason })
                }
            },
        }
    }

    /// Reads `model_index.json`.
    pub async fn model_index(&self, source: &impl Source) -> Result<Vec<u8>> {
        self.config(source, MODEL_INDEX).await
    }

    /// Reads `hearth.json`, if there is one.
    pub async fn model_card(&self, source: &impl Source) -> Result<ModelCard> {
        match self {
            Layout::Folder => {
                ModelCard::from_json(source.read_small(ModelCard::PATH).await?.as_deref())
            }
            Layout::File(_) => Ok(ModelCard::default()),
        }
    }

    /// Opens the tokenizer that is named `folder` in diffusers layout.
    pub async fn tokenizer(
        &self,
        source: &impl Source,
        folder: &str,
        options: &OpenOptions,
    ) -> Result<Tokenizer> {
        let Layout::File(_) = self else {
            return diffusers::open_tokenizer(source, folder).await;
        };
        let config = self.config(source, &format!("{folder}/tokenizer_config.json")).await?;
        match &options.clip_merges {
            Some(merges) => Tokenizer::from_merges(merges, Some(&config)),
            None => {
                let reason = Message::verbatim("CLIP's vocabulary was not given");
                Err(Error::Internal { reason })
            }
        }
    }

    /// Returns the bytes of a single file, which may contain more than the tensors; else 0.
    pub fn bytes(&self) -> u64 {
        match self {
            Layout::Folder => 0,
            Layout::File(file) => file.bytes,
        }
    }

    /// Finds the weight files of a component, which may have none; `None` if that cannot be found out.
    pub async fn files(
        &self,
        source: &impl Source,
        component: Component,
        model_card: &ModelCard,
        options: &OpenOptions,
    ) -> Option<Vec<String>> {
        let Layout::Folder = self else { return Some(Vec::new()) };
        let name = component.name;
        match diffusers::find_files(source, component, name, model_card, options).await {
            Ok(files) => Some(files),
            Err(Error::MissingFile { .. } | Error::NotACheckpoint { .. }) => Some(Vec::new()),
            Err(_) => None,
        }
    }

    /// Finds the tensors of a component.
    pub async fn tensors(
        &self,
        source: &impl Source,
        component: Component,
        model_card: &ModelCard,
        options: &OpenOptions,
    ) -> Result<Tensors> {
        match self {
            Layout::Folder => {
                diffusers::find_tensors(source, component, component.name, model_card, options)
                    .await
            }
            Layout::File(file) => Ok(file.tensors.get(&component).cloned().unwrap_or_default()),
        }
    }
}
