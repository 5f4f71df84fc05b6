//! The operations of diffusion networks.
//!
//! Each is one function: on a GPU it launches a WGSL kernel, elsewhere it calls Burn's operations.
//!
//! Callers see feature maps as `[b, c, h, w]`. On a GPU they are stored channels-last, so that a
//! pixel is a token and nothing is transposed between convolutions and attention.

mod activation;
mod attention;
mod attention_tile;
mod concat_input;
mod conv2d;
mod dry_run;
mod epilogue;
mod geometry;
mod gpu;
mod group_norm;
mod kernel_family;
mod layer_norm;
mod memory_count;
mod moments;
mod plain;
mod profile;
mod reference;
mod scoped;
mod storage_format;
mod tile;
mod tile_choices;
mod tune;
mod unroll;
mod weight_change;
mod weights;
mod wgsl;

pub use activation::Activation;
pub use attention::{AttentionMask, attention, materializes_scores};
pub use concat_input::ConcatInput;
pub use conv2d::{conv2d, geglu, linear};
pub use dry_run::{DryRun, dry_run};
pub use epilogue::{Epilogue, Shift};
pub use geometry::{Geometry, Padding};
pub use gpu::kernel_family;
pub use group_norm::{group_norm, group_norm_moments, group_norm_with_moments};
pub use kernel_family::{KernelFamily, with_kernel_family};
pub use layer_norm::layer_norm;
pub use memory_count::{MemoryEstimate, count_memory};
pub use moments::Moments;
pub use plain::{add, cast, cat, embedding, pointwise, resize_nearest, to_pixels, to_tokens};
pub use profile::{KernelProfile, Profile};
pub use storage_format::StorageFormat;
pub use tile_choices::{MatrixProduct, TileChoices, TileConfig, with_tile};
pub use tune::{TileMeasurement, tile_candidates, tune, tuning_shaders};
pub use weight_change::{WeightChange, add_to_weight};
pub use weights::{
    dry_run_input, needs_reordering, placeholder, weight_from_words, weight_with_shape,
};
