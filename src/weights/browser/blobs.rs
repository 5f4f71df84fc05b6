//! Checkpoint of files that the user picked or dropped.
//!
//! They are a folder in diffusers layout or a single file, stay on the user's disk, and are read by
//! range.

use std::collections::BTreeMap;
use std::ops::Range;

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::promise::text_of;
use crate::error::{Error, Message, Result, messages};
use crate::weights::picked::{PickedModel, is_weights};
use crate::weights::source::Source;

/// Files that the user picked, for this visit.
#[derive(Debug, Clone)]
pub struct Blobs {
    /// The folder's name, or the file's.
    name: Message,
    /// The only file, if it is one.
    single: Option<String>,
    /// The files by their paths in the checkpoint. A `File` is a `Blob` with a name.
    files: BTreeMap<String, Blob>,
}

impl Blobs {
    /// The files with their paths as the browser gives them: relative, below a common top folder. A
    /// single safetensors file needs no folder.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] if there is no safetensors file among them.
    pub fn new(files: impl IntoIterator<Item = (String, Blob)>) -> Result<Self> {
        let (paths, blobs): (Vec<String>, Vec<Blob>) = files.into_iter().unzip();
        let Layout { name, single, paths } = Layout::of(&paths)?;
        Ok(Blobs { name, single, files: paths.into_iter().zip(blobs).collect() })
    }

    fn blob(&self, path: &str) -> Result<&Blob> {
        self.files
            .get(path)
            .ok_or_else(|| Error::MissingFile { path: path.to_string(), place: self.name.clone() })
    }
}

impl Source for Blobs {
    fn place(&self) -> String {
        self.name.to_string()
    }

    fn place_name(&self) -> Message {
        self.name.clone()
    }

    fn single_file(&self) -> Option<&str> {
        self.single.as_deref()
    }

    async fn identity(&self, path: &str) -> Result<Option<String>> {
        Ok(self.files.get(path).map(|file| {
            let date = Reflect::get(file, &JsValue::from_str("lastModified"));
            let date = date.ok().and_then(|date| date.as_f64()).unwrap_or_default();
            format!("{}/{path} {} {date}", self.name, file.size())
        }))
    }

    async fn len(&self, path: &str) -> Result<Option<u64>> {
        Ok(self.files.get(path).map(|file| file.size() as u64)) // Sizes are whole numbers.
    }

    async fn read(&self, path: &str, range: Range<u64>) -> Result<Vec<u8>> {
        let (from, to) = (range.start as f64, range.end as f64);
        let part = self.blob(path)?.slice_with_f64_and_f64(from, to);
        let bytes = match part {
            Ok(part) => JsFuture::from(part.array_buffer()).await,
            Err(error) => Err(error),
        };
        // The file was changed or removed since it was picked, or its disk is gone.
        let bytes = bytes.map_err(|error| Error::Io {
            path: format!("{}/{path}", self.name),
            reason: text_of(&error),
        })?;
        let bytes = Uint8Array::new(&bytes).to_vec();
        if bytes.len() as u64 == range.end.saturating_sub(range.start) {
            return Ok(bytes);
        }
        Err(Error::CorruptWeights {
            path: path.to_string(),
            reason: messages::ends_before(range.end),
        })
    }
}

/// Name and paths of picked files.
#[derive(Debug, PartialEq, Eq)]
struct Layout {
    name: Message,
    single: Option<String>,
    /// Paths inside the checkpoint, in the order of the files.
    paths: Vec<String>,
}

impl Layout {
    fn of(paths: &[String]) -> Result<Self> {
        let paths: Vec<&str> = paths.iter().map(|path| path.trim_start_matches('/')).collect();
        if !paths.iter().any(|path| is_weights(path)) {
            // What a file of another type is, its content says.
            if let [file] = paths.as_slice()
                && !file.contains('/')
            {
                return Ok(Layout {
                    name: Message::verbatim(file),
                    single: Some(file.to_string()),
                    paths: vec![file.to_string()],
                });
            }
            return Err(Error::InvalidRequest {
                field: "model",
                value: messages::choice_of_files(),
                reason: messages::no_safetensors_chosen(),
            });
        }
        let file_name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_string();
        let all = paths.iter().copied();
        if let PickedModel::File(path) = PickedModel::of(all.clone(), &messages::chosen_files())? {
            let file = file_name(&path);
            // Files beside it keep their paths, so that none has the same.
            let inside = |each: &str| if *each == *path { file.clone() } else { each.to_string() };
            return Ok(Layout {
                name: Message::verbatim(&file),
                single: Some(file.clone()),
                paths: all.map(inside).collect(),
            });
        }
        let top = common_top(&paths).unwrap_or_default();
        let inside = |path: &&str| path.strip_prefix(top).unwrap_or(path).to_string();
        let name = match top.trim_end_matches('/') {
            "" => messages::chosen_files(),
            top => Message::verbatim(top),
        };
        Ok(Layout { name, single: None, paths: paths.iter().map(inside).collect() })
    }
}

/// Returns the folder that all paths begin with, with its `/`.
fn common_top<'a>(paths: &[&'a str]) -> Option<&'a str> {
    let first = paths.first()?;
    let top = first.get(..=first.find('/')?)?;
    paths.iter().all(|path| path.starts_with(top)).then_some(top)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Layout;

    fn layout(paths: &[&str]) -> Layout {
        let paths: Vec<String> = paths.iter().map(|path| path.to_string()).collect();
        Layout::of(&paths).unwrap()
    }

    #[test]
    fn folder_paths_do_not_include_its_name() {
        let folder = layout(&["sd/model_index.json", "sd/unet/a.safetensors"]);
        assert_eq!((folder.name.to_string().as_str(), folder.single), ("sd", None));
        assert_eq!(folder.paths, ["model_index.json", "unet/a.safetensors"]);

        let files = layout(&["model_index.json", "unet/a.safetensors"]);
        assert_eq!((files.name.to_string().as_str(), files.single), ("the selection", None));
        assert_eq!(files.paths, ["model_index.json", "unet/a.safetensors"]);
    }

    #[test]
    fn single_file_needs_no_folder() {
        let file = layout(&["a.safetensors"]);
        assert_eq!(
            (file.name.to_string().as_str(), file.single.as_deref()),
            ("a.safetensors", Some("a.safetensors"))
        );
        assert_eq!(layout(&["folder/a.safetensors"]).paths, ["a.safetensors"]);
        // Its content says what it is.
        assert_eq!(layout(&["a.ckpt"]).single.as_deref(), Some("a.ckpt"));
        let pair = layout(&["x/a.json", "x/A.SAFETENSORS"]);
        assert_eq!(pair.single.as_deref(), Some("A.SAFETENSORS"));
        assert_eq!(pair.paths, ["x/a.json", "A.SAFETENSORS"]);
        assert!(Layout::of(&["a.safetensors".to_string(), "b.safetensors".to_string()]).is_err());
    }

    #[test]
    fn files_without_weights_are_error() {
        assert!(Layout::of(&["a.ckpt".to_string(), "b.ckpt".to_string()]).is_err());
        assert!(Layout::of(&["folder/a.ckpt".to_string()]).is_err());
        assert!(Layout::of(&[]).is_err());
    }
}
