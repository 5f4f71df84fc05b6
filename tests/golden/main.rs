//! Golden tests: results of diffusers, transformers, torch and Pillow in `data/`.
//!
//! They are one test program, because each program is linked with all of Burn.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod adapters;
mod components;
mod fitting;
mod grammars;
mod image;
mod img2img;
mod noise;
mod pipeline;
mod previews;
mod prompting;
mod recipes;
mod samplers;
mod scheduler_configs;
mod schedulers;
mod scores;
mod structures;
#[path = "../support/mod.rs"]
mod support;
mod tokenizer;
mod unet;
mod vaes;
