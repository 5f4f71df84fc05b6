//! Where the parts of a checkpoint are: each in a folder of its own, or all in one file.

use super::component::Component;
use super::diffusers::{self, MODEL_INDEX, required};
use super::options::OpenOptions;
use super::sheet::Sheet;
use super::single_file::{self, SingleFile};
use super::source::Source;
use super::tensors::Tensors;
use crate::error::{Error, Message, Result};
use crate::tokenizer::Tokenizer;

/// A layout, and what has to be known to read from it.
pub enum Layout {
    /// Diffusers': a folder.
    Folder,
    /// CompVis' and Stability's: a file.
    File(Box<SingleFile>),
}

impl Layout {
    /// What `source` is.
    ///
    /// # Errors
    /// [`Error::NotACheckpoint`] for a file that is something else.
    pub async fn of(source: &impl Source, options: &OpenOptions) -> Result<Self> {
        match source.single_file() {
            None => Ok(Layout::Folder),
            Some(path) => {
                let file = single_file::open(source, path, options.prediction).await?;
                Ok(Layout::File(Box::new(file)))
            }
        }
    }

    /// A config, by its path in diffusers layout.
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

    /// `model_index.json`
    pub async fn model_index(&self, source: &impl Source) -> Result<Vec<u8>> {
        self.config(source, MODEL_INDEX).await
    }

    /// `hearth.json`, if there is one.
    pub async fn sheet(&self, source: &impl Source) -> Result<Sheet> {
        match self {
            Layout::Folder => Sheet::from_json(source.read_small(Sheet::PATH).await?.as_deref()),
            Layout::File(_) => Ok(Sheet::default()),
        }
    }

    /// The tokenizer that a folder has under the name `folder`.
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

    /// Bytes that have to be fetched, if that is more than the tensors have.
    pub fn bytes(&self) -> u64 {
        match self {
            Layout::Folder => 0,
            Layout::File(file) => file.bytes,
        }
    }

    /// Where the tensors of a component are.
    pub async fn tensors(
        &self,
        source: &impl Source,
        component: Component,
        sheet: &Sheet,
        options: &OpenOptions,
    ) -> Result<Tensors> {
        match self {
            Layout::Folder => {
                let folder = component.folder();
                diffusers::find_tensors(source, component, folder, sheet, options).await
            }
            Layout::File(file) => Ok(file.tensors.get(&component).cloned().unwrap_or_default()),
        }
    }
}
