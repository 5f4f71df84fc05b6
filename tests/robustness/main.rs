//! Files of every kind: what is a checkpoint, what is none, and what is said of it. One test program,
//! because each one is linked with all of Burn. `fuzz.rs`, which counts what is allocated, is another.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod fingerprint;
mod layouts;
mod metadata;
mod names;
#[path = "../support/mod.rs"]
mod support;
mod weights;
