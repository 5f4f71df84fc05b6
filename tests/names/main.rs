//! Every key of the published checkpoints at full size: the names of our modules, where a single file
//! has each of them, and what is no checkpoint. The keys are diffusers' (`tests/golden/keys.py`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod keys;
mod published;
mod refused;
mod renamed;
mod stated;
#[path = "../support/mod.rs"]
mod support;
