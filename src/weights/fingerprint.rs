//! What tells a model's weights from any other's, wherever they lie, without reading all of them.

use sha2::{Digest, Sha256};

use super::source::Source;
use crate::error::Result;

/// Bytes that are looked at in each file at its beginning, its middle and its end. Training changes
/// every weight, so two models that agree in these are the same for all that people do; whoever wants
/// two files to agree here can make them.
const SAMPLE: u64 = 16 << 10;

/// SHA-256, in hex, of the weight files' lengths and samples; with their paths where there are several.
/// `None` if one of them is not there.
///
/// # Errors
/// If a file cannot be read.
pub async fn fingerprint(source: &impl Source, files: &[String]) -> Result<Option<String>> {
    let mut files: Vec<&String> = files.iter().collect();
    files.sort();
    let mut sum = Sha256::new();
    for path in files {
        let Some(len) = source.len(path).await? else { return Ok(None) };
        // A single file is the same under any name.
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
