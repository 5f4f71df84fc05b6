//! Autoencoder (VAE) in another place than the model.
//!
//! It is read from a single file of an autoencoder, from a whole checkpoint in a single file, from the
//! folder of an autoencoder, or from the folder of a pipeline.

use serde_json::{Map, Value, json};

use super::diffusers::{find_tensors, required};
use super::model_card::ModelCard;
use super::options::OpenOptions;
use super::safetensors::{Index, read_header};
use super::single_file::{self, Architecture};
use super::source::Source;
use super::tensors::Tensors;
use crate::error::{self, Error, Message, Result, messages};
use crate::model::{Component, VaeConfig};

/// Config of an autoencoder's own folder.
const CONFIG: &str = "config.json";

/// Configs that show that a folder has an autoencoder.
pub const CONFIGS: [&str; 2] = [CONFIG, VaeConfig::PATH];

/// Begin of the names of weights that have a config beside them.
const OF_DIFFUSERS: &str = "diffusion_pytorch_model";

/// The places of an autoencoder's tensors, and its config if there is one.
#[derive(Debug, Clone)]
pub struct VaeFiles {
    /// Name of its file, folder or repository.
    pub name: String,
    /// Places of its tensors.
    pub tensors: Tensors,
    /// Bytes of its files. A whole checkpoint contains more than the autoencoder.
    pub bytes: u64,
    /// Architecture of the whole checkpoint that contains it.
    pub architecture: Option<&'static Architecture>,
    /// SHA-256 of its only file, in hex, if the source knows it.
    pub sha256: Option<String>,
    /// Its folder, if it is not a single file.
    folder: Option<String>,
    /// Text and path of its config.
    config: Option<(Vec<u8>, String)>,
}

impl VaeFiles {
    /// Reads the config and the index of the autoencoder at `source`, and no weights. A whole checkpoint
    /// has one of the `known` architectures.
    ///
    /// # Errors
    /// [`Error::NotACheckpoint`] says what a file is that is no autoencoder.
    pub async fn open(
        source: &impl Source,
        known: &[&'static Architecture],
        options: &OpenOptions,
    ) -> Result<Self> {
        let mut files = match source.single_file() {
            Some(path) => Self::in_file(source, path, known).await?,
            None => Self::in_folder(source, options).await?,
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

    async fn in_file(
        source: &impl Source,
        path: &str,
        known: &[&'static Architecture],
    ) -> Result<Self> {
        single_file::check_type(source, path).await?;
        let Index { entries, metadata } = read_header(source, path).await?;
        let (tensors, architecture) = single_file::find_vae(path, &entries, &metadata, known)?;
        // diffusers' name of a file says that its config is beside it.
        let config = match path.starts_with(OF_DIFFUSERS) {
            true => source.read_small(CONFIG).await?.map(|json| (json, CONFIG.to_string())),
            false => None,
        };
        Ok(VaeFiles {
            name: source.short_name(),
            tensors,
            bytes: source.len(path).await?.unwrap_or(0),
            architecture,
            sha256: None,
            folder: None,
            config,
        })
    }

    async fn in_folder(source: &impl Source, options: &OpenOptions) -> Result<Self> {
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

    /// Returns the paths of its weight files in its source.
    pub fn paths(&self) -> Vec<String> {
        self.tensors.files().into_iter().map(str::to_string).collect()
    }

    /// Returns a path in its source for messages, which speak of the model's files, too.
    pub fn shown(&self, path: &str) -> String {
        match &self.folder {
            Some(folder) => format!("{folder}/{path}"),
            None => path.to_string(),
        }
    }

    /// Returns the first of its files for messages.
    pub fn shown_file(&self) -> String {
        self.shown(self.paths().first().map_or("", String::as_str))
    }

    /// Returns its config. Without a file of it, the tensors show its structure, and what they do not
    /// show is as in `usual`, the config of the autoencoder that the model would have.
    ///
    /// # Errors
    /// If the config cannot be used.
    pub fn config(&self, usual: &[u8]) -> Result<VaeConfig> {
        if let Some((json, path)) = &self.config {
            return VaeConfig::from_json(json, &self.shown(path));
        }
        let path = self.shown_file();
        let invalid = |reason: Message| Error::InvalidConfig { path: path.clone(), reason };
        let mut config: Map<String, Value> = error::json::object(usual).map_err(invalid)?;
        config.extend(self.structure());
        VaeConfig::from_json(Value::Object(config).to_string().as_bytes(), &path)
    }

    /// Returns the fields of the config that the tensors show.
    fn structure(&self) -> Map<String, Value> {
        let shape = |path: &str| self.tensors.get(path).map(|located| located.module_shape());
        let extent = |path: &str, axis: usize| shape(path)?.get(axis).copied();
        let level = |level: usize| {
            extent(&format!("encoder.down_blocks.{level}.resnets.0.conv1.weight"), 0)
        };
        let has_layer = |layer: &usize| {
            let path = format!("encoder.down_blocks.0.resnets.{layer}.conv1.weight");
            self.tensors.get(&path).is_some()
        };
        let has = |path: &str| self.tensors.get(path).is_some();
        let channels: Vec<usize> = (0..).map_while(level).collect();
        let fields = [
            ("_class_name", json!("AutoencoderKL")),
            ("block_out_channels", json!(channels)),
            ("layers_per_block", json!((0..).take_while(has_layer).count())),
            ("in_channels", json!(extent("encoder.conv_in.weight", 1))),
            ("out_channels", json!(extent("decoder.conv_out.weight", 0))),
            ("latent_channels", json!(extent("decoder.conv_in.weight", 1))),
            ("use_quant_conv", json!(has("quant_conv.weight"))),
            ("use_post_quant_conv", json!(has("post_quant_conv.weight"))),
            (
                "mid_block_add_attention",
                json!(has("decoder.mid_block.attentions.0.group_norm.weight")),
            ),
            // A file does not say that its activations stay within f16.
            ("force_upcast", json!(true)),
        ];
        fields.into_iter().map(|(field, value)| (field.to_string(), value)).collect()
    }
}

/// Returns whether a config is one of an autoencoder.
fn is_of_vae(json: &[u8]) -> bool {
    let config: Option<Value> = serde_json::from_slice(json).ok();
    let class = config.as_ref().and_then(|config| config.get("_class_name")?.as_str());
    class.is_some_and(|class| class.starts_with("Autoencoder"))
        || config.as_ref().is_some_and(|config| config.get("latent_channels").is_some())
}
