//! Check of the number of left out layers.

use crate::error::{Error, Result, messages};

/// Checks that the text encoders have more layers than `skipped`. `most` is the largest number that can be
/// left out.
///
/// # Errors
/// [`Error::InvalidRequest`] of `field` if they have not.
pub fn check_clip_skip(field: &'static str, skipped: usize, most: usize) -> Result<()> {
    if skipped <= most {
        return Ok(());
    }
    let (value, reason) = (messages::skipped_layers(skipped), messages::layers_to_skip(most));
    Err(Error::InvalidRequest { field, value, reason })
}
