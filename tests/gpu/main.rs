//! Tests on a native GPU, if there is one.
//!
//! They are one test program, because each program is linked with all of Burn. Tests that measure
//! the whole device, or need one with other limits, are programs of their own: `memory.rs`,
//! `default_limits.rs`.
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
