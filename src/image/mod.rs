//! Pictures and masks in memory: PNG in and out, fitted to a size, cut out and put back.

mod crop;
mod fit;
mod mask;
mod png;
mod raster;
mod region;
mod resize;
mod rgb_image;

pub use fit::Fit;
pub use mask::Mask;
pub use png::{size, texts};
pub use region::Region;
pub use rgb_image::RgbImage;
