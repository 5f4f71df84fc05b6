//! Parameters of an image, and the table that describes them.
//!
//! Everything that offers, reads, checks, sends, shows or writes a parameter goes through
//! [`FIELDS`]: the page's form, the worker's messages, the command line, the metadata of PNG files,
//! the npm package with its types and its documentation. A new parameter is one row in `fields.rs`,
//! its words in the page's catalogue, and the code that computes with it.

mod adapter_use;
mod choices;
mod clip_skip;
mod field;
mod fields;
mod matrix;
mod parameter;
mod ranges;
mod wire;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;

pub use adapter_use::{AdapterUse, NamedHash};
pub use choices::AUTOMATIC;
pub use clip_skip::check_clip_skip;
pub use field::{A1111, Choice, Count, DefaultRule, Field, Kind, Section, Value, no_multiple};
pub use fields::{
    FIELDS, GenerationParams, IMAGES, LONGEST_SIDE, MASK_BLUR, NUM_IMAGES, PADDING_MASK_CROP,
    PartialParams, REPLACEMENT, SCHEDULE, SIZE_STEP, STRENGTH, field,
};
pub use matrix::{
    Axis, MOST_AXES, MOST_PICTURES, Matrix, MatrixContext, refused as matrix_refused,
};
