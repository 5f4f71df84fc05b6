//! Names of a checkpoint's layers in adapter files.
//!
//! Kohya's names have `_` in place of dots, so that a name cannot be split again: every name that a layer
//! may have is made instead, and looked up.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::families::{Checkpoint, EmbeddingTarget, Shapes};
use crate::model::{Component, NetworkConfig};
use crate::weights::key_maps::compvis_unet_prefixes;

/// A layer of a checkpoint: its parameters are `path.weight` and `path.bias`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Layer {
    /// Network.
    pub component: Component,
    /// Path of the module.
    pub path: String,
}

/// The layers of a checkpoint by the names that adapters give them, and its text encoders.
#[derive(Debug, Clone)]
pub struct LayerNames {
    by_name: HashMap<String, Layer>,
    shapes: BTreeMap<Component, Shapes>,
    /// Text encoders for which textual inversions are read.
    pub embeddings: EmbeddingTarget,
}

impl LayerNames {
    /// Returns the names of the layers of `checkpoint`.
    pub fn of(checkpoint: &Checkpoint) -> Self {
        let mut names = LayerNames {
            by_name: HashMap::new(),
            shapes: BTreeMap::new(),
            embeddings: checkpoint.family.embedding_target(),
        };
        for (component, network) in &checkpoint.components {
            let shapes = network.expected();
            match &network.config {
                NetworkConfig::UNet2DCondition(config) => {
                    let prefixes = compvis_unet_prefixes(&config.down_block_layers());
                    names.add_unet(*component, &shapes, &prefixes);
                }
                NetworkConfig::ClipText(_) => names.add_text_encoder(*component, &shapes),
                NetworkConfig::Vae(_) => continue,
            }
            names.shapes.insert(*component, shapes);
        }
        names
    }

    /// Returns the layer of a name.
    pub fn get(&self, name: &str) -> Option<&Layer> {
        self.by_name.get(name)
    }

    /// Returns the shape of a layer's parameter, `weight` or `bias`.
    pub fn shape(&self, layer: &Layer, parameter: &str) -> Option<&[usize]> {
        let path = format!("{}.{parameter}", layer.path);
        self.shapes.get(&layer.component)?.get(&path).map(Vec::as_slice)
    }

    fn add(&mut self, name: String, component: Component, path: &str) {
        self.by_name.entry(name).or_insert(Layer { component, path: path.to_string() });
    }

    fn add_unet(&mut self, component: Component, shapes: &Shapes, prefixes: &[(String, String)]) {
        for path in layers(shapes) {
            let mut names = vec![path.clone()];
            names.extend(prefixes.iter().filter_map(|(ours, theirs)| {
                let rest = format!("{path}.").strip_prefix(ours.as_str())?.to_string();
                Some(format!("{theirs}{rest}").trim_end_matches('.').to_string())
            }));
            for (index, name) in names.into_iter().enumerate() {
                let joined = name.replace('.', "_");
                for prefix in ["lora_unet_", "lycoris_"] {
                    self.add(format!("{prefix}{joined}"), component, &path);
                }
                let dotted: &[&str] = match index {
                    0 => &["unet.", "base_model.model.", "base_model.model.unet.", ""],
                    // OneTrainer writes them without a prefix.
                    _ => &["diffusion_model.", "model.diffusion_model.", "unet.", ""],
                };
                for prefix in dotted {
                    self.add(format!("{prefix}{name}"), component, &path);
                }
            }
        }
    }

    fn add_text_encoder(&mut self, component: Component, shapes: &Shapes) {
        let (joined, dotted): (&[&str], &[&str]) = match component {
            Component::TEXT_ENCODER => (
                &["lora_te_", "lora_te1_"],
                &[
                    "text_encoder.",
                    "text_encoders.clip_l.transformer.",
                    "text_encoders.clip_h.transformer.",
                    "clip_l.",
                    "base_model.model.text_encoder.",
                    "",
                ],
            ),
            _ => (
                &["lora_te2_"],
                &[
                    "text_encoder_2.",
                    "text_encoders.clip_g.transformer.",
                    "clip_g.",
                    "base_model.model.text_encoder_2.",
                ],
            ),
        };
        for path in layers(shapes) {
            // transformers 5 has dropped the first level.
            let shorter = path.strip_prefix("text_model.");
            for name in [Some(path.as_str()), shorter].into_iter().flatten() {
                for prefix in joined {
                    self.add(format!("{prefix}{}", name.replace('.', "_")), component, &path);
                }
                for prefix in dotted {
                    self.add(format!("{prefix}{name}"), component, &path);
                }
            }
        }
    }
}

/// Returns the paths of the layers that have these parameters.
fn layers(shapes: &Shapes) -> BTreeSet<String> {
    let without = |path: &String| path.rsplit_once('.').map(|(layer, _)| layer.to_string());
    shapes.keys().filter_map(without).collect()
}
