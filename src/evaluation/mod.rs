//! How good completed pictures are: how near what was painted anew is to what was there before.

mod masks;
mod scores;
mod similarity;

pub use masks::MaskKind;
pub use scores::{PIXEL_TOLERANCE, Score, Scores};
