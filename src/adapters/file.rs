//! An adapter's file whose header has been read: what it holds, before it is opened for a checkpoint.

use std::rc::Rc;

use crate::error::Result;
use crate::weights::address::Location;
use crate::weights::repository_files::USUAL_LORA;
use crate::weights::safetensors::{Index, read_header};
use crate::weights::textual_inversion::is_textual_inversion;
use crate::weights::{Source, single_file};

/// File of weights in a folder of PEFT.
pub const PEFT_WEIGHTS: &str = "adapter_model.safetensors";

/// A file that may be an adapter or a textual inversion.
#[derive(Debug)]
pub struct AdapterFile<S> {
    /// Its source.
    pub source: Rc<S>,
    /// Its path there.
    pub path: String,
    /// Its tensors.
    pub(super) index: Index,
}

impl<S: Source> AdapterFile<S> {
    /// Reads the header of the adapter at `source`: a single file, or a folder of PEFT or diffusers.
    ///
    /// # Errors
    /// [`Error::NotACheckpoint`](crate::Error::NotACheckpoint) for a file of another type,
    /// [`Error::CorruptWeights`](crate::Error::CorruptWeights) for a damaged one.
    pub async fn read(source: Rc<S>) -> Result<Self> {
        let path = match source.single_file() {
            Some(file) => file,
            None if source.len(PEFT_WEIGHTS).await?.is_some() => PEFT_WEIGHTS,
            None if source.len(USUAL_LORA).await?.is_some() => USUAL_LORA,
            None => PEFT_WEIGHTS,
        };
        let path = path.to_string();
        Self::read_at(source, path).await
    }

    /// Reads the header of the file `path` in `source`.
    ///
    /// # Errors
    /// As [`AdapterFile::read`].
    pub async fn read_at(source: Rc<S>, path: String) -> Result<Self> {
        single_file::check_type(&*source, &path).await?;
        let index = read_header(&*source, &path).await?;
        Ok(AdapterFile { source, path, index })
    }

    /// Returns whether it is a textual inversion.
    pub fn is_textual_inversion(&self) -> bool {
        is_textual_inversion(&self.index)
    }

    /// Returns the name of the adapter: that of the file without its ending, or of what contains it if
    /// the file has the name that all of its kind have.
    pub(super) fn name(&self) -> String {
        let (folder, file) = self.path.rsplit_once('/').unwrap_or(("", &self.path));
        let container = match (folder, file) {
            ("", PEFT_WEIGHTS | USUAL_LORA) if self.source.single_file().is_none() => {
                Some(self.source.short_name())
            }
            ("", PEFT_WEIGHTS | USUAL_LORA) => {
                let repository = Location::new(&self.source.place()).repository();
                repository.map(|repository| repository.name())
            }
            (folder, PEFT_WEIGHTS | USUAL_LORA) => Some(folder.to_string()),
            _ => None,
        };
        let name = container.unwrap_or_else(|| file.to_string());
        let name = name.rsplit('/').next().unwrap_or_default();
        name.strip_suffix(".safetensors").unwrap_or(name).to_string()
    }
}
