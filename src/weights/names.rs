//! Every difference between a file's keys and the paths of our modules, in one place.
//!
//! The modules are named as diffusers and transformers 4.x name theirs, so a checkpoint in diffusers
//! layout needs next to nothing. A single file is named by those who trained it: UNet and autoencoder
//! by CompVis and Stability, text encoders by transformers or open_clip, each behind a prefix.
//! What is what there is taken from diffusers' `loaders/single_file_utils.py`; `tests/names` holds
//! every key of the published checkpoints to it.

mod compvis_unet;
mod compvis_vae;
mod ema;
mod folder;
mod index;
mod open_clip;
mod target;

pub use self::target::{Part, Target};
use super::component::Component;

/// Who named a network's tensors, and what index arithmetic needs to know of its config.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Naming {
    /// diffusers and transformers, in a folder.
    Diffusers,
    /// CompVis and Stability, a UNet.
    CompVisUNet {
        /// Residual blocks of each level, from the picture's resolution downwards.
        layers_per_block: Vec<usize>,
    },
    /// CompVis and Stability, an autoencoder.
    CompVisVae {
        /// Resolutions.
        levels: usize,
    },
    /// transformers, inside a single file: as [`Naming::Diffusers`], but programs leave all sorts of
    /// things of the whole CLIP beside the text encoder, which are left out.
    Clip,
    /// open_clip.
    OpenClip {
        /// Layers that our encoder has; the file may have more.
        layers: usize,
        /// Whether our encoder has a projection.
        projection: bool,
    },
}

/// What the file's tensor `key` is: nothing (it is left out), one of our parameters, or several.
///
/// A single file's key comes without the prefix of its network (see [`prefixes`]). A key that such a
/// network does not have is its own target in a UNet or an autoencoder: the loader then names it as
/// unexpected.
pub fn targets(component: Component, naming: &Naming, key: &str) -> Vec<Target> {
    match naming {
        Naming::Diffusers => folder::path(component, key).map(Target::whole).into_iter().collect(),
        Naming::CompVisUNet { layers_per_block } => {
            let path = compvis_unet::path(layers_per_block, key);
            vec![Target::whole(path.unwrap_or_else(|| key.to_string()))]
        }
        // The loss and the averaged copy are left from training.
        Naming::CompVisVae { .. } if key.starts_with("loss.") || key.starts_with("model_ema.") => {
            Vec::new()
        }
        Naming::CompVisVae { levels } => {
            vec![compvis_vae::target(*levels, key).unwrap_or_else(|| Target::whole(key))]
        }
        Naming::Clip => {
            let path = folder::path(component, key).filter(|path| path.starts_with("text_model."));
            path.map(Target::whole).into_iter().collect()
        }
        Naming::OpenClip { layers, projection } => open_clip::targets(*layers, *projection, key),
    }
}

/// The module path for the key of a file in diffusers layout; `None` if the key is left out.
pub fn module_path(component: Component, key: &str) -> Option<String> {
    folder::path(component, key)
}

/// What a network's keys begin with in a single file. Of several, the last that a file has counts.
pub mod prefixes {
    /// Every UNet.
    pub const UNET: &str = "model.diffusion_model.";
    /// Every autoencoder: as it was trained, and as some programs save it.
    pub const VAE: [&str; 2] = ["first_stage_model.", "vae."];
    /// The text encoder of SD 1.x, by transformers.
    pub const CLIP: &str = "cond_stage_model.transformer.";
    /// The text encoder of SD 2.x, by open_clip.
    pub const OPEN_CLIP: &str = "cond_stage_model.model.";
    /// The first text encoder of SDXL, by transformers.
    pub const XL_CLIP: &str = "conditioner.embedders.0.transformer.";
    /// The second text encoder of SDXL, by open_clip.
    pub const XL_OPEN_CLIP: &str = "conditioner.embedders.1.model.";
}

/// The UNet's key for a tensor of the averaged copy that training files carry beside the UNet or
/// instead of it (`model_ema.…`); `None` if it is none of those.
pub fn averaged(key: &str) -> Option<String> {
    ema::key(key)
}
