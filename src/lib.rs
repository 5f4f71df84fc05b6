//! Hearth makes pictures with Stable Diffusion inside a browser tab. The whole pipeline is here, in
//! Rust: it runs in a page (WebAssembly on WebGPU or on the CPU) and in a terminal (native GPU or
//! CPU), from the checkpoints that people have, as they are.
//!
//! # The way of a prompt
//! ```text
//! prompt ─ tokenizer ─► input_ids [b, 77] ─ ClipTextModel(s) ─► encoder_hidden_states [2b, 77, d]
//! seed ─ noise ─► latents [b, 4, h/8, w/8] ─┐   (noise over Vae::encode(picture), where one is given)
//!                                           ▼
//!         denoise loop:  scheduler ⇄ guidance ⇄ UNet2DConditionModel
//!                                           ▼
//!                    Vae::decode ─► RGB [h, w, 3] ─► PNG with its recipe, or a canvas
//! ```
//! A checkpoint comes the other way: [`weights::Source`] ─ bytes by range ─► safetensors index ─
//! names ─► loader ─► one tensor at a time onto the device.
//!
//! # Code map
//! A room may use only those below it; `tests/architecture.rs` holds this.
//!
//! | room | what is in it |
//! |---|---|
//! | `bin` | the three programs: `hearth` (terminal), `page` and `worker` (browser) |
//! | [`app`] | the page: its view, the worker that owns the engine, and what they say to each other |
//! | [`bench`] | networks and pictures measured, kernels checked: `hearth bench` and `bench.html` |
//! | [`evaluation`] | completed pictures measured: pixel accuracy, PSNR, SSIM, and masks to try |
//! | [`engine`] | a checkpoint on a device, all of it or one network at a time: what page and terminal do first |
//! | [`pipeline`] | request → picture: prompts, noise, a picture and mask to begin with, guidance, the denoise loop, previews |
//! | [`weights`] | checkpoints: sources of bytes, safetensors, names, the strict loader |
//! | [`params`] | the parameters of a picture and their one table: form, messages, flags, metadata and types come from it |
//! | [`scheduler`] | one file per sampler, and the noise schedules they share |
//! | [`tokenizer`], [`image`] | prompt → ids; pictures and masks, PNG, resizing as Pillow does it |
//! | [`model`] | the networks as pure tensor code |
//! | [`kernels`] | the operations worth writing by hand: products and convolutions, attention, norms, as WGSL |
//! | [`device`] | the CPU or a GPU, and what its driver reports |
//! | [`error`] | every way to fail: a stable code, what happened, what to do |
//!
//! # Invariants
//! 1. One denoise loop, one loader, one error type: page and terminal run the same code.
//! 2. Every shape comes from the checkpoint's own JSON. No constant says 512, 768 or 4.
//! 3. A module's field names are its checkpoint keys; every exception is in [`weights::names`].
//! 4. Loading is strict: a missing, unexpected or wrongly shaped tensor is an error that names it.
//! 5. Weights stream: no more than one tensor of a file is in WebAssembly's memory; what arrives and
//!    what is kept stays in the browser's own. Where a browser refuses to keep it, it waits there until
//!    the visit ends.
//! 6. Nothing blocks. Nothing is read back while denoising but a preview that was asked for.
//! 7. A GPU failure is an error of the run that met it, never a black picture.
//! 8. The only network traffic is GET for the page's own files and the weights the user chose.
//! 9. Same seed, same request: same numbers as diffusers on the CPU, within stated tolerances.
//! 10. The small model that ships is loaded by the code that loads any other.
//!
//! The page's own program is built without the feature `engine`: it knows only [`app`], [`params`], the
//! names of [`scheduler`] and [`error`], and so is small.
//!
//! Deliberately absent: threads (wgpu in a browser has none), pickled checkpoints, a server.

pub mod app;
pub mod error;
pub mod params;
pub mod scheduler;

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
pub mod tokenizer;
#[cfg(feature = "engine")]
pub mod weights;

pub use error::{Error, Result};
