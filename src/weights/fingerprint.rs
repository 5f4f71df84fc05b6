//! Fingerprint of a model's weights.
//!
//! It is the same wherever the files are, and computed without reading all of them.

use sha2::{Digest, Sha256};

use super::source::Source;
use crate::error::Result;

/// Bytes that are read of each file at its beginning, its middle and its end. Training changes
/// every weight, so models that agree in these are the same; a deliberate forgery is not detected.
const SAMPLE: u64 = 16 << 10;

/// Returns the SHA-256, in hex, of lengths and samples of the weight files, and of their paths if
/// there are several. `None` if a file is missing.
///
/// # Errors
/// If a file cannot be read.
pub async fn fingerprint(source: &impl Source, files: &[String]) -> Result<Option<String>> {
    let mut files: Vec<&String> = files.iter().collect();
    files.sort();
    let mut sum = Sha256::new();
    for path in files {
        let Some(len) = source.len(path).await? else { return Ok(None) };
        // The name of a single file is the user's choice.
        if source.single_file().is_none() {
            sum.update(path.as_bytes());
        }
        sum.update([0]);
        sum.update(len.to_le_bytes());
        for start in [0, len / 2, len.saturating_sub(SAMPLE)] {
            sum.update(source.read(path, start..len.min(start + SAMPLE)).await?);
        }
    }
    Ok(Some(hex::encode(sum.finalize())))
}
