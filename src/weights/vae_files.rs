//! Places of the tensors of an autoencoder (VAE) that is not the model's own.

use serde_json::{Map, Value, json};

use super::single_file::Architecture;
use super::tensors::Tensors;
use crate::error::{self, Error, Message, Result};
use crate::model::VaeConfig;

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
    pub(super) folder: Option<String>,
    /// Text and path of its config.
    pub(super) config: Option<(Vec<u8>, String)>,
}

impl VaeFiles {
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
