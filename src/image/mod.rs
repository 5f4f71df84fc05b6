//! Images and masks in memory.
//!
//! It reads and writes PNG, fits and resizes as Pillow and diffusers do, crops and composes, and
//! edits masks. It needs neither Burn nor a browser. The page's program leaves reading and fitting
//! to the worker, and is built without the PNG decoder.

mod crop;
mod edit;
mod fit;
mod mask;
#[cfg(feature = "engine")]
mod orientation;
#[cfg(feature = "engine")]
mod png;
mod raster;
mod region;
mod resize;
mod rgb_image;

pub use edit::Point;
pub use fit::{Fit, Fitting, Placement};
pub use mask::Mask;
#[cfg(feature = "engine")]
pub use png::{PngDecoding, is_png, size, texts};
pub use region::Region;
pub use rgb_image::RgbImage;
