//! What GPUs are asked to do, and what they make of it, on a native GPU where there is one. One test
//! program, because each one is linked with all of Burn. What measures the whole device or wants one with
//! other limits has a program of its own: `memory.rs`, `default_limits.rs`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod half;
mod kernels;
mod residency;
mod row_tiling;
mod shaders;
#[path = "../support/mod.rs"]
mod support;
mod tuning;
mod warm_up;
