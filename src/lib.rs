//! Stable Diffusion in a browser tab and in a terminal: the whole pipeline in Rust, on WebGPU or the CPU.
//!
//! Checkpoints are used as they are published, and the same seed gives the numbers of diffusers. `ARCHITECTURE.md` at
//! the top of the repository has the way of a prompt through the modules, the code map and the invariants;
//! `CONTRIBUTING.md` says how to extend them.
//!
//! # Example
//! [`weights`] opens a checkpoint, [`engine`] brings it onto a [`device`], and [`pipeline`] makes a picture from a
//! request. This is `examples/text_to_image.rs`:
//!
//! ```no_run
#![doc = include_str!("../examples/text_to_image.rs")]
//! ```
//!
//! # Modules
//! A module uses only those that stand below it in this table; `tests/architecture.rs` holds the exact list.
//!
//! | module | what is in it |
//! |---|---|
//! | [`app`] | the page: its view, the worker that owns the engine, and the protocol between them |
//! | [`bench`] | measurements of networks and pictures, and checks of the kernels |
//! | [`evaluation`] | pixel accuracy, PSNR and SSIM of completed pictures, and masks to try |
//! | [`engine`] | a checkpoint on a device, all of it or one network at a time |
//! | [`pipeline`] | from a request to a picture: prompts, noise, guidance, the denoising loop, previews |
//! | [`weights`] | checkpoints: sources of bytes, safetensors, names, the strict loader |
//! | [`scheduler`] | samplers and noise schedules |
//! | [`tokenizer`], [`image`] | prompts as ids; pictures and masks, PNG, resizing as Pillow does it |
//! | [`model`] | the networks as tensor code |
//! | [`kernels`] | products and convolutions, attention, norms, as WGSL |
//! | [`device`] | the CPU or a GPU, and what its driver reports |
//! | [`error`] | every way to fail: a stable code, what happened, what to do |
//!
//! # Features
//! - `engine` (default): everything that computes. The page's own program is built without it and has only [`app`]
//!   and [`error`].
//! - `page`: the two programs of the browser.

pub mod app;
pub mod error;

#[cfg(feature = "engine")]
pub mod bench;
#[cfg(feature = "engine")]
pub mod device;
#[cfg(feature = "engine")]
pub mod engine;
#[cfg(feature = "engine")]
pub mod evaluation;
#[cfg(feature = "engine")]
pub mod image;
#[cfg(feature = "engine")]
pub mod kernels;
#[cfg(feature = "engine")]
pub mod model;
#[cfg(feature = "engine")]
pub mod pipeline;
#[cfg(feature = "engine")]
pub mod scheduler;
#[cfg(feature = "engine")]
pub mod tokenizer;
#[cfg(feature = "engine")]
pub mod weights;

pub use error::{Error, Result};
