//! The operations that Stable Diffusion consists of, each behind one function: on a GPU a kernel of our
//! own, elsewhere Burn's operations.
//!
//! Feature maps are `[b, c, h, w]` to everyone; on a GPU they lie with the channels of a pixel beside
//! one another, so that pixels are tokens and nothing is ever transposed.

mod activation;
mod attention;
mod attention_tile;
mod choices;
mod conv2d;
mod epilogue;
mod family;
mod features;
mod geometry;
mod gpu;
mod group_norm;
mod layer_norm;
mod moments;
mod plain;
mod rehearse;
mod tally;
mod tile;
mod tune;
mod unroll;
mod weights;
mod wgsl;

pub use activation::Activation;
pub use attention::{Mask, attention, stores_scores};
pub use choices::{Choices, Preset, Product, with_tile};
pub use conv2d::{conv2d, geglu, linear};
pub use epilogue::{Epilogue, Shift};
pub use family::{Family, with_family};
pub use features::Features;
pub use geometry::{Geometry, Padding};
pub use gpu::family_of;
pub use group_norm::{group_norm, group_norm_moments, group_norm_with};
pub use layer_norm::layer_norm;
pub use moments::Moments;
pub use rehearse::{Rehearsal, rehearse};
pub use tally::{Launches, Tally};
pub use tune::{Measured, candidates, tune, tuning_shaders};
pub use weights::{from_words, is_reordered, phantom, shaped};
