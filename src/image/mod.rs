//! Images and masks in memory.
//!
//! It reads and writes PNG, fits and resizes as Pillow and diffusers do, crops and composes, and
//! edits masks. It needs neither Burn nor a browser. The page's program leaves reading and fitting
//! to the worker, and is built without the PNG decoder. JPEG and WebP are decoded by the browser,
//! or natively by this module.

mod crop;
#[cfg(all(feature = "engine", not(target_family = "wasm")))]
mod decode;
mod edit;
#[cfg(feature = "engine")]
mod exif;
#[cfg(feature = "engine")]
mod file;
mod fit;
mod font;
#[cfg(feature = "engine")]
mod format;
mod grid;
mod mask;
#[cfg(feature = "engine")]
mod orientation;
#[cfg(feature = "engine")]
mod png;
mod raster;
mod region;
mod resize;
mod rgb_image;
mod soft_mask;
mod transparency;

#[cfg(all(feature = "engine", not(target_family = "wasm")))]
pub use decode::{decode, size};
pub use edit::Point;
#[cfg(feature = "engine")]
pub use file::{WebpOrientation, texts};
pub use fit::{Fit, Fitting, Placement};
#[cfg(feature = "engine")]
pub use format::{is_jpeg, is_png, is_webp};
pub use grid::{GridLabels, GridLayout, LABEL_HEIGHT};
pub use mask::Mask;
#[cfg(feature = "engine")]
pub use png::PngDecoding;
pub use region::Region;
pub use rgb_image::RgbImage;
pub use soft_mask::SoftMask;
pub use transparency::Transparency;
