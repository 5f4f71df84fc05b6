//! From a request to a picture.

pub mod denoise;
pub mod guidance;
pub mod host;
mod inpaint;
pub mod networks;
pub mod noise;
mod picture;
pub mod preview;
mod prompt;
pub mod recipe;
pub mod request;
pub mod stable_diffusion;

pub use host::{Event, Host};
pub use networks::Networks;
pub use picture::Picture;
pub use prompt::Conditioning;
pub use request::TextToImage;
pub use stable_diffusion::{Activations, StableDiffusion};
