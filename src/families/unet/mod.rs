//! Families with a UNet: what SD and SDXL share.

mod check;
mod conditions;
mod defaults;
mod denoiser;
mod dry_run;
mod emphasis;
mod family;
mod prompt;
mod prompt_summary;
mod run;
mod text_input;
mod textual_inversion;

pub use conditions::RunConditions;
pub use defaults::FewSteps;
pub use family::{TextEncoder, UNetFamily};
pub use prompt_summary::{ChunkSummary, PartSummary, PromptSummary};
pub use textual_inversion::EmbeddingTarget;
