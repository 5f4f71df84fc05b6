//! Stable Diffusion in a browser tab and in a terminal: the whole pipeline in Rust, on WebGPU or the CPU.
//!
//! Checkpoints are used as they are published, and the same seed gives the numbers of diffusers. `ARCHITECTURE.md` at
//! the top of the repository has the way of a prompt through the modules, what is in each of them, and the invariants;
//! `CONTRIBUTING.md` says how to add to them.
//!
//! # Example
//! [`weights`] opens a checkpoint, [`runtime`] brings it onto a [`device`], and [`pipeline`] makes a picture from a
//! request. This is `examples/text_to_image.rs`:
//!
//! ```no_run
#![doc = include_str!("../examples/text_to_image.rs")]
//! ```
//!
//! # Features
//! - `engine` (default): everything that computes. The page's own program is built without it and has only [`app`],
//!   [`params`], [`prompt`], the names of [`scheduler`], [`image`] and [`error`].
//! - `page`: the two programs of the browser.

pub mod app;
pub mod error;
pub mod image;
pub mod params;
pub mod prompt;
pub mod scheduler;

#[cfg(feature = "engine")]
pub mod adapters;
#[cfg(feature = "engine")]
pub mod bench;
#[cfg(feature = "engine")]
pub mod device;
#[cfg(feature = "engine")]
pub mod evaluation;
#[cfg(feature = "engine")]
pub mod families;
#[cfg(feature = "engine")]
pub mod kernels;
#[cfg(feature = "engine")]
pub mod model;
#[cfg(feature = "engine")]
pub mod pipeline;
#[cfg(feature = "engine")]
pub mod runtime;
#[cfg(feature = "engine")]
pub mod tokenizer;
#[cfg(feature = "engine")]
pub mod weights;

pub use error::{Error, Result};
