//! Scores of inpainted images against the true ones.

mod masks;
mod scores;
mod similarity;

pub use masks::MaskKind;
pub use scores::{PIXEL_TOLERANCE, Score, Scores};
