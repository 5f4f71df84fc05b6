//! Opening of an autoencoder (VAE) that is not the model's own.
//!
//! It is read from a single file of an autoencoder, from a whole checkpoint in a single file, from the
//! folder of an autoencoder, or from the folder of a pipeline.

use serde_json::Value;

use super::diffusers::{find_tensors, required};
use super::model_card::ModelCard;
use super::options::OpenOptions;
use super::safetensors::{Index, read_header};
use super::single_file::{self, Architecture};
use super::source::Source;
use super::vae_files::VaeFiles;
use crate::error::{Error, Result, messages};
use crate::model::{Component, VaeConfig};

/// Config of an autoencoder's own folder.
const CONFIG: &str = "config.json";

/// Configs that show that a folder has an autoencoder.
pub const CONFIGS: [&str; 2] = [CONFIG, VaeConfig::PATH];

/// Begin of the names of weights that have a config beside them.
const OF_DIFFUSERS: &str = "diffusion_pytorch_model";

/// Reads the config and the index of the autoencoder at `source`, and no weights. A whole checkpoint
/// has one of the `known` architectures.
///
/// # Errors
/// [`Error::NotACheckpoint`] says what a file is that is no autoencoder.
pub async fn read_vae(
    source: &impl Source,
    known: &[&'static Architecture],
    options: &OpenOptions,
) -> Result<VaeFiles> {
    let mut files = match source.single_file() {
        Some(path) => in_file(source, path, known).await?,
        None => in_folder(source, options).await?,
    };
    let paths = files.paths();
    if let [path] = paths.as_slice() {
        let is_sha256 = |text: &String| text.len() == 64 && hex::decode(text).is_ok();
        let identity = source.identity(path).await.unwrap_or_default();
        let identity = identity.map(|text| text.trim_matches('"').to_ascii_lowercase());
        files.sha256 = identity.filter(is_sha256);
    }
    Ok(files)
}

/// Returns an error about the address or the files of a model as one about those of an autoencoder.
pub fn as_vae_error(error: Error) -> Error {
    match error {
        Error::InvalidRequest { field: "model", value, reason } => {
            Error::InvalidRequest { field: "vae", value, reason }
        }
        error => error,
    }
}

async fn in_file(
    source: &impl Source,
    path: &str,
    known: &[&'static Architecture],
) -> Result<VaeFiles> {
    single_file::check_type(source, path).await?;
    let Index { entries, metadata } = read_header(source, path).await?;
    let (tensors, architecture) = single_file::find_vae(path, &entries, &metadata, known)?;
    // diffusers' name of a file says that its config is beside it.
    let config = match path.starts_with(OF_DIFFUSERS) {
        true => source.read_small(CONFIG).await?.map(|json| (json, CONFIG.to_string())),
        false => None,
    };
    let name = source.short_name();
    Ok(VaeFiles {
        name: name.rsplit('/').next().unwrap_or(&name).to_string(),
        tensors,
        bytes: source.len(path).await?.unwrap_or(0),
        architecture,
        sha256: None,
        folder: None,
        config,
    })
}

async fn in_folder(source: &impl Source, options: &OpenOptions) -> Result<VaeFiles> {
    let own = source.read_small(CONFIG).await?.filter(|json| is_of_vae(json));
    let (json, path, folder) = match own {
        Some(json) => (json, CONFIG.to_string(), ""),
        None => match source.read_small(VaeConfig::PATH).await? {
            Some(_) => {
                let json = required(source, VaeConfig::PATH).await?;
                (json, VaeConfig::PATH.to_string(), Component::VAE.name)
            }
            None => return Err(single_file::no_vae(source.place(), messages::no_vae())),
        },
    };
    let model_card = ModelCard::default();
    let tensors = find_tensors(source, Component::VAE, folder, &model_card, options).await?;
    Ok(VaeFiles {
        name: source.short_name(),
        bytes: tensors.bytes(),
        tensors,
        architecture: None,
        sha256: None,
        folder: Some(source.place().trim_end_matches('/').to_string()),
        config: Some((json, path)),
    })
}

/// Returns whether a config is one of an autoencoder.
fn is_of_vae(json: &[u8]) -> bool {
    let config: Option<Value> = serde_json::from_slice(json).ok();
    let class = config.as_ref().and_then(|config| config.get("_class_name")?.as_str());
    class.is_some_and(|class| class.starts_with("Autoencoder"))
        || config.as_ref().is_some_and(|config| config.get("latent_channels").is_some())
}
