//! Files of every kind: checkpoints, other files, and their errors.
//!
//! They are one test program, because each program is linked with all of Burn. `fuzz.rs` counts
//! allocations, and is another one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod adapters;
mod fingerprint;
mod layouts;
mod metadata;
mod names;
mod samplers;
#[path = "../support/mod.rs"]
mod support;
mod vaes;
mod weights;
