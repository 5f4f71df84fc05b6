//! What is computed equals what diffusers, transformers, torch and Pillow compute: the values of `data/`.
//! One test program, because each one is linked with all of Burn.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod components;
mod fitting;
mod from_pictures;
mod image;
mod noise;
mod pipeline;
mod previews;
mod scheduler_configs;
mod schedulers;
mod scores;
mod structures;
#[path = "../support/mod.rs"]
mod support;
mod tokenizer;
mod unet;
