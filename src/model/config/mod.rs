//! Configs of the networks of a diffusers checkpoint.
//!
//! A field that asks for something that is not implemented is an error that names it, never
//! ignored.

mod autoencoder_kl;
mod autoencoder_tiny;
mod clip_text;
mod network;
mod parse;
mod per_block;
mod transformer_depths;
mod unet_2d_condition;
mod unet_structure;
mod vae;

pub use autoencoder_kl::AutoencoderKlConfig;
pub use autoencoder_tiny::AutoencoderTinyConfig;
pub use clip_text::ClipTextConfig;
pub use network::{NetworkConfig, NetworkKind};
pub use per_block::PerBlock;
pub use transformer_depths::TransformerDepths;
pub use unet_2d_condition::{
    AdditionEmbedType, DownBlockType, MidBlockType, UNet2DConditionConfig, UpBlockType,
};
pub use unet_structure::UNetStructure;
pub use vae::VaeConfig;
