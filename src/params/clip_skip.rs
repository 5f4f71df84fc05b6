//! Check of `clip_skip`.

use crate::error::{Error, Result, messages};

/// Checks that `skipped` layers can be left out; `most` is the largest number.
///
/// # Errors
/// [`Error::InvalidRequest`] of `field` if they cannot.
pub fn check_clip_skip(field: &'static str, skipped: usize, most: usize) -> Result<()> {
    if skipped <= most {
        return Ok(());
    }
    let (value, reason) = (messages::skipped_layers(skipped), messages::layers_to_skip(most));
    Err(Error::InvalidRequest { field, value, reason })
}
