//! Pipeline: from a request to an image.

pub mod callbacks;
pub mod denoise;
mod encode;
pub mod family;
mod generate;
pub mod guidance;
mod init_image;
pub mod inpaint;
mod inpaint_input;
mod latent_mask;
pub mod metadata;
pub mod network_provider;
pub mod noise;
mod output;
mod prepare_latents;
pub mod preview;
pub mod prompts;
pub mod request;
pub mod schedule;

pub use callbacks::{CallbackYieldPoint, Callbacks, PipelineEvent};
pub use family::{Family, NetworkFacts};
pub use generate::{Activations, Pipeline};
pub use init_image::InitImage;
pub use network_provider::NetworkProvider;
pub use output::PipelineOutput;
pub use prompts::Prompts;
pub use request::Request;
pub use schedule::Schedule;
