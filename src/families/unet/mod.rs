//! Families with a UNet: what SD and SDXL share.

mod check;
mod denoiser;
mod dry_run;
mod family;
mod memory;
mod prompt;
mod run;

pub use family::{TextEncoder, UNetFamily};
