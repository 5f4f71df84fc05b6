//! Key maps: from the keys of a file to the paths of our modules.
//!
//! The modules are named as in diffusers and transformers 4.x, so checkpoints in diffusers layout
//! need few rules. In single files UNet and autoencoder have the keys of CompVis and Stability AI,
//! text encoders those of transformers or open_clip, each with a prefix. The maps follow diffusers'
//! `loaders/single_file_utils.py`; `tests/names` checks them with the keys of published checkpoints.

mod compvis_unet;
mod compvis_vae;
mod diffusers;
mod ema;
mod index;
mod open_clip;
mod target;

use std::borrow::Cow;

pub use self::target::{Part, Target};
use crate::model::Component;

/// A key_map of a network's tensors, with the values of its config that its indices depend on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyMap {
    /// diffusers and transformers, in a folder.
    Diffusers,
    /// CompVis and Stability, a UNet.
    CompVisUNet {
        /// Residual blocks of each level, from the highest resolution down.
        layers_per_block: Vec<usize>,
    },
    /// CompVis and Stability, an autoencoder.
    CompVisVae {
        /// Resolutions.
        levels: usize,
    },
    /// transformers, in a single file: as [`KeyMap::Diffusers`], but without other parts of CLIP,
    /// which some programs save beside the text encoder.
    Clip,
    /// open_clip.
    OpenClip {
        /// Layers of our encoder; the file may have more.
        layers: usize,
        /// Whether our encoder has a projection.
        projection: bool,
    },
}

/// Returns the beginnings of a UNet's module paths with those of the keys of CompVis and Stability.
pub fn compvis_unet_prefixes(layers_per_block: &[usize]) -> Vec<(String, String)> {
    compvis_unet::prefixes(layers_per_block)
}

/// Returns a key without the prefixes of programs that wrap a model: `torch.compile`'s
/// `_orig_mod.`, and a second `model.` of trainers that save their own module.
pub fn clean_key(key: &str) -> Cow<'_, str> {
    const COMPILED: &str = "_orig_mod.";
    const TWICE: [&str; 3] =
        ["model.model.diffusion_model.", "model.first_stage_model.", "model.cond_stage_model."];
    let key = match key.contains(COMPILED) {
        true => Cow::Owned(key.replace(COMPILED, "")),
        false => Cow::Borrowed(key),
    };
    match TWICE.iter().chain(&["model.conditioner."]).any(|prefix| key.starts_with(prefix)) {
        true => Cow::Owned(key.replacen("model.", "", 1)),
        false => key,
    }
}

/// Returns the parameters that a tensor of a file contains: none if it is unused, one, or several.
///
/// `key` has no prefix of the network. An unknown key of a UNet or an autoencoder is
/// its own target, so that the loader reports it as unexpected.
pub fn targets(component: Component, key_map: &KeyMap, key: &str) -> Vec<Target> {
    match key_map {
        KeyMap::Diffusers => {
            diffusers::path(component.kind, key).map(Target::whole).into_iter().collect()
        }
        KeyMap::CompVisUNet { layers_per_block } => {
            let path = compvis_unet::path(layers_per_block, key);
            vec![Target::whole(path.unwrap_or_else(|| key.to_string()))]
        }
        // The loss and the EMA copy are remains of training.
        KeyMap::CompVisVae { .. } if key.starts_with("loss.") || key.starts_with("model_ema.") => {
            Vec::new()
        }
        KeyMap::CompVisVae { levels } => {
            let target = compvis_vae::target(*levels, key);
            // Some programs save it with diffusers' keys.
            let own = || diffusers::path(component.kind, key).map(Target::whole);
            target.or_else(own).into_iter().collect()
        }
        KeyMap::Clip => {
            let path =
                diffusers::path(component.kind, key).filter(|path| path.starts_with("text_model."));
            path.map(Target::whole).into_iter().collect()
        }
        KeyMap::OpenClip { layers, projection } => open_clip::targets(*layers, *projection, key),
    }
}

/// Returns the module path of a key in diffusers layout; `None` if the tensor is unused.
pub fn module_path(component: Component, key: &str) -> Option<String> {
    diffusers::path(component.kind, &clean_key(key))
}

/// Returns the UNet's key for a tensor of the EMA copy (`model_ema.…`), which training files have
/// beside the UNet or instead of it; `None` for other keys.
pub fn averaged(key: &str) -> Option<String> {
    ema::key(key)
}
