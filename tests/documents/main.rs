//! Documents and generated files: links and paths lead somewhere, and what is generated from a table is up to date.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod examples;
#[path = "../support/generated.rs"]
mod generated;
mod links;
mod parameters;
