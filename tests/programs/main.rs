//! Tests of the command line program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod evaluate;
mod habits;
#[path = "../support/mod.rs"]
mod support;
mod terminal;
mod vae;
