//! The terminal's program, run as a user runs it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod evaluate;
#[path = "../support/mod.rs"]
mod support;
mod terminal;
