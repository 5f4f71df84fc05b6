//! The networks, as pure tensor code: no files, no clock, no browser.
//!
//! Fields are named as in diffusers checkpoints, so that a parameter's path in the module is its
//! key in the file.

pub mod activation_limits;
pub mod attention;
pub mod autoencoder_kl;
pub mod autoencoder_tiny;
pub mod cache;
pub mod clip_text;
mod component;
pub mod config;
pub mod embeddings;
pub mod layers;
mod network;
pub mod resnet;
pub mod row_tiling;
pub mod unet_2d_condition;
pub mod unet_blocks;
pub mod unet_conditions;
pub mod unet_hooks;
pub mod vae;
pub mod yield_point;

pub use activation_limits::ActivationLimits;
pub use autoencoder_kl::{AutoencoderKl, DiagonalGaussian};
pub use autoencoder_tiny::AutoencoderTiny;
pub use cache::UNetCache;
pub use clip_text::{ClipTextModel, ClipTextOutput, HOST_TABLES, TextInput};
pub use component::Component;
pub use config::{
    AutoencoderKlConfig, AutoencoderTinyConfig, ClipTextConfig, NetworkConfig, NetworkKind,
    UNet2DConditionConfig, UNetStructure, VaeConfig,
};
pub use network::Network;
pub use unet_2d_condition::UNet2DConditionModel;
pub use unet_conditions::{AddedConditions, UNetConditions};
pub use unet_hooks::{AttentionPlace, AttentionTap, BlockPlace, TappedAttention, UNetHooks};
pub use vae::Vae;
pub use yield_point::{Interrupted, Unfinished, Uninterrupted, YieldPoint};
