//! Families with a UNet: what SD and SDXL share.

mod check;
mod defaults;
mod denoiser;
mod dry_run;
mod family;
mod memory;
mod prompt;
mod run;

pub use defaults::FewSteps;
pub use family::{TextEncoder, UNetFamily};
