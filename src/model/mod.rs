//! The networks, as pure tensor code: no files, no clock, no browser.
//!
//! Fields are named as in diffusers checkpoints, so that a parameter's path in the module is its
//! key in the file.

pub mod attention;
pub mod autoencoder_kl;
pub mod autoencoder_tiny;
pub mod block_boundary;
pub mod cache;
pub mod clip_text;
mod component;
pub mod config;
pub mod embeddings;
pub mod feature_maps;
pub mod layers;
mod network;
pub mod resnet;
pub mod strips;
pub mod unet_2d_condition;
pub mod unet_blocks;
pub mod unet_conditions;
pub mod unet_hooks;
pub mod vae;

pub use autoencoder_kl::{AutoencoderKl, DiagonalGaussian};
pub use autoencoder_tiny::AutoencoderTiny;
pub use block_boundary::{BlockBoundary, Interrupted, Unfinished, Uninterrupted};
pub use cache::UNetCache;
pub use clip_text::{ClipTextModel, ClipTextOutput, HOST_TABLES};
pub use component::Component;
pub use config::{
    AutoencoderKlConfig, AutoencoderTinyConfig, ClipTextConfig, NetworkConfig, NetworkKind,
    UNet2DConditionConfig, UNetStructure, VaeConfig,
};
pub use feature_maps::FeatureMaps;
pub use network::Network;
pub use unet_2d_condition::UNet2DConditionModel;
pub use unet_conditions::{AddedConditions, UNetConditions};
pub use unet_hooks::{AttentionPlace, AttentionTap, BlockPlace, TappedAttention, UNetHooks};
pub use vae::Vae;
