//! From a request to a picture.

mod begin;
pub mod denoise;
mod encode;
pub mod guidance;
pub mod host;
pub mod inpaint;
pub mod networks;
pub mod noise;
mod picture;
pub mod preview;
mod prompt;
pub mod recipe;
pub mod request;
pub mod schedule;
pub mod stable_diffusion;
mod start;
pub mod unet_denoiser;
mod workpiece;

pub use host::{Event, Host};
pub use networks::Networks;
pub use picture::Picture;
pub use prompt::Conditioning;
pub use request::Request;
pub use schedule::Schedule;
pub use stable_diffusion::{Activations, StableDiffusion};
pub use start::Start;
