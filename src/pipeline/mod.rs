//! From a request to a picture.

pub mod denoise;
pub mod guidance;
pub mod host;
pub mod noise;
pub mod preview;
pub mod request;
pub mod stable_diffusion;

pub use host::{Event, Host};
pub use request::TextToImage;
pub use stable_diffusion::{Picture, StableDiffusion};
