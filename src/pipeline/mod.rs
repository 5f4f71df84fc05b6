//! From a request to a picture.

mod begin;
pub mod denoise;
mod encode;
pub mod family;
mod generate;
pub mod guidance;
pub mod host;
pub mod inpaint;
pub mod networks;
pub mod noise;
mod picture;
pub mod preview;
pub mod recipe;
pub mod request;
pub mod schedule;
mod start;
mod workpiece;

pub use family::{Family, NetworkFacts};
pub use generate::{Activations, Pipeline};
pub use host::{Boundary, Event, Host};
pub use networks::Networks;
pub use picture::Picture;
pub use request::Request;
pub use schedule::Schedule;
pub use start::Start;
