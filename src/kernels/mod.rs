//! The operations that Stable Diffusion consists of, each behind one function, so that a faster
//! kernel has one place to go. Today they are Burn's own operations.

mod attention;
mod conv2d;
mod group_norm;

pub use attention::{Mask, attention};
pub use conv2d::{Padding, conv2d};
pub use group_norm::group_norm;
