//! Pictures and masks in memory.
//!
//! PNG in and out, fitting and resizing as Pillow and diffusers do it, cutting out and putting back, and
//! painting a mask. It needs neither Burn nor a browser: page, worker and terminal use the same.

mod crop;
mod edit;
mod fit;
mod mask;
mod orientation;
mod png;
mod raster;
mod region;
mod resize;
mod rgb_image;

pub use edit::Point;
pub use fit::{Fit, Placement};
pub use mask::Mask;
pub use png::{is_png, size, texts};
pub use region::Region;
pub use rgb_image::RgbImage;
