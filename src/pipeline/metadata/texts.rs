//! Pairs of keyword and text of an image file.

use crate::error::{Message, messages};

/// Maximum length of a metadata text in bytes. A longer one is something else, or an attack.
const MAX_BYTES: usize = 1 << 20;

/// Returns the first text of a keyword that is not empty.
pub(super) fn find<'a, K: AsRef<str>, T: AsRef<str>>(
    texts: &'a [(K, T)],
    wanted: &str,
) -> Option<&'a str> {
    let found = texts.iter().find(|(key, _)| key.as_ref() == wanted);
    found.map(|(_, text)| text.as_ref()).filter(|text| !text.trim().is_empty())
}

pub(super) fn bounded(text: &str) -> Result<&str, Message> {
    match text.len() {
        ..=MAX_BYTES => Ok(text),
        bytes => Err(messages::too_many_bytes(bytes)),
    }
}
