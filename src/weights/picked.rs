//! Choice of the model among the files of a folder.

use crate::error::{Error, Message, Result, messages};

const WEIGHTS: &str = ".safetensors";
const INDEX: &str = "model_index.json";

/// Begin of the names of weights in a folder of diffusers layout.
const COMPONENT: &str = "diffusion_pytorch_model";

/// The model that some files contain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PickedModel {
    /// All of them, a folder in diffusers layout.
    Folder,
    /// A single file, beside which there may be notes and pictures of the same name.
    File(String),
}

impl PickedModel {
    /// Chooses among the files of the folder `place`, by their paths with `/`.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] if there are several single files.
    pub fn of<'a>(paths: impl Iterator<Item = &'a str> + Clone, place: &Message) -> Result<Self> {
        let is_component = |path: &str| path.split('/').any(|part| part == "unet");
        // A component's own folder is no model.
        let is_of_component = |path: &str| {
            is_component(path) || path.rsplit('/').next().unwrap_or(path).starts_with(COMPONENT)
        };
        if paths.clone().any(|path| path.ends_with(INDEX) || is_of_component(path)) {
            return Ok(PickedModel::Folder);
        }
        let weights: Vec<&str> =
            paths.filter(|path| is_weights(path) && !is_hidden(path)).collect();
        match weights.as_slice() {
            [] => Ok(PickedModel::Folder),
            [file] => Ok(PickedModel::File(file.to_string())),
            files => Err(Error::InvalidRequest {
                field: "model",
                value: place.clone(),
                reason: messages::choose_one_file(names(files)),
            }),
        }
    }
}

/// Returns whether a file has weights by its name, in any case of letters.
pub fn is_weights(path: &str) -> bool {
    path.to_ascii_lowercase().ends_with(WEIGHTS)
}

/// Returns whether a file belongs to the operating system or a program: `._model.safetensors`.
pub fn is_hidden(path: &str) -> bool {
    path.split('/').any(|part| part.starts_with('.'))
}

/// Names the first few files.
fn names(paths: &[&str]) -> String {
    const SHOWN: usize = 4;
    let name = |path: &&str| path.rsplit('/').next().unwrap_or_default().to_string();
    let mut shown: Vec<String> = paths.iter().take(SHOWN).map(name).collect();
    if paths.len() > SHOWN {
        shown.push("…".to_string());
    }
    shown.join(", ")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::PickedModel;
    use crate::error::{Message, Result};

    fn picked(paths: &[&str]) -> Result<PickedModel> {
        PickedModel::of(paths.iter().copied(), &Message::verbatim("models"))
    }

    #[test]
    fn single_file_is_found_among_sidecars() {
        for paths in [
            &["a.safetensors", "a.json", "a.civitai.info", "a.preview.png"][..],
            &["._a.safetensors", "a.safetensors", ".DS_Store", "Thumbs.db", "desktop.ini"],
        ] {
            assert_eq!(picked(paths).unwrap(), PickedModel::File("a.safetensors".to_string()));
        }
        let capitals = picked(&["MY_MODEL.SAFETENSORS", "note.json"]).unwrap();
        assert_eq!(capitals, PickedModel::File("MY_MODEL.SAFETENSORS".to_string()));
    }

    #[test]
    fn diffusers_layout_is_folder() {
        for paths in [
            &["model_index.json", "unet/a.safetensors", "vae/b.safetensors", "x.safetensors"][..],
            // Its index is missing, which is an error of its own.
            &["unet/a.safetensors", "vae/b.safetensors"],
            &["config.json"],
        ] {
            assert_eq!(picked(paths).unwrap(), PickedModel::Folder);
        }
    }

    #[test]
    fn several_single_files_are_error_that_names_them() {
        let error = picked(&["a.safetensors", "folder/b.safetensors"]).unwrap_err().to_string();
        assert!(error.contains("a.safetensors, b.safetensors; choose one"), "{error}");
    }
}
