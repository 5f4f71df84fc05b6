//! Documents and generated files: links and paths lead somewhere, and what is generated from a table is up to date.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod links;
mod parameters;
