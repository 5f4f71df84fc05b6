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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::ops::Range;
    use std::rc::Rc;

    use super::AdapterFile;
    use crate::error::Result;
    use crate::weights::Source;

    const EMPTY: &[u8] = b"\x02\0\0\0\0\0\0\0{}";

    /// A source at a place with one empty file of weights.
    struct One {
        place: &'static str,
        is_file: bool,
        path: &'static str,
    }

    impl Source for One {
        fn place(&self) -> String {
            self.place.to_string()
        }

        fn single_file(&self) -> Option<&str> {
            self.is_file.then_some(self.path)
        }

        async fn len(&self, path: &str) -> Result<Option<u64>> {
            Ok((path == self.path).then_some(EMPTY.len() as u64))
        }

        async fn read(&self, _path: &str, range: Range<u64>) -> Result<Vec<u8>> {
            Ok(EMPTY[range.start as usize..range.end as usize].to_vec())
        }
    }

    #[test]
    fn usual_file_names_give_way_to_the_name_of_what_contains_them() {
        const USUAL: &str = "pytorch_lora_weights.safetensors";
        let hub = "https://huggingface.co/owner/lcm-lora/resolve/main/";
        let usual_of_hub =
            "https://huggingface.co/owner/lcm-lora/resolve/main/pytorch_lora_weights.safetensors";
        for (place, is_file, path, name) in [
            (usual_of_hub, true, USUAL, "lcm-lora"),
            (hub, false, USUAL, "lcm-lora"),
            (hub, false, "adapter_model.safetensors", "lcm-lora"),
            ("https://a.example/x/ink.v2.safetensors", true, "ink.v2.safetensors", "ink.v2"),
            // A folder of any server says nothing about its files.
            (
                "https://a.example/x/pytorch_lora_weights.safetensors",
                true,
                USUAL,
                "pytorch_lora_weights",
            ),
        ] {
            let file = AdapterFile::read(Rc::new(One { place, is_file, path }));
            assert_eq!(pollster::block_on(file).unwrap().name(), name, "{place} {path}");
        }
        let path = "few-steps/pytorch_lora_weights.safetensors";
        let source = Rc::new(One { place: hub, is_file: false, path });
        let file = pollster::block_on(AdapterFile::read_at(source, path.to_string()));
        assert_eq!(file.unwrap().name(), "few-steps");
    }
}
