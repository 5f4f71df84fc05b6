//! Index of a safetensors file.
//!
//! The tensors themselves are read later, one by one.

use std::collections::BTreeMap;
use std::ops::Range;

use safetensors::tensor::{Dtype, Metadata};

use super::source::Source;
use crate::error::{Error, Message, Result, messages};

/// Bytes of the header's length field.
const LENGTH_FIELD: u64 = 8;

/// Maximum bytes of a header. The largest known ones have a few hundred kilobytes.
const MOST_HEADER: u64 = 64 << 20;

/// One tensor of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Key in the file.
    pub name: String,
    /// Number format in the file.
    pub dtype: Dtype,
    /// Shape.
    pub shape: Vec<usize>,
    /// Bytes in the file, from its beginning.
    pub range: Range<u64>,
}

/// The header of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Its tensors, in file order.
    pub entries: Vec<Entry>,
    /// `__metadata__`.
    pub metadata: BTreeMap<String, String>,
}

/// Reads the tensors of `path`, in file order.
///
/// # Errors
/// As [`read_header`].
pub async fn read_index(source: &impl Source, path: &str) -> Result<Vec<Entry>> {
    Ok(read_header(source, path).await?.entries)
}

/// Reads the header of `path`.
///
/// # Errors
/// [`Error::MissingFile`], or [`Error::CorruptWeights`] if the header is not one, tensors overlap
/// or leave gaps, or the file does not end with its last tensor.
pub async fn read_header(source: &impl Source, path: &str) -> Result<Index> {
    let corrupt = |reason: Message| Error::CorruptWeights { path: path.to_string(), reason };
    let missing = || source.missing(path);

    let len = source.len(path).await?.ok_or_else(missing)?;
    if len < LENGTH_FIELD {
        return Err(corrupt(messages::only_bytes(len)));
    }
    let field = source.read(path, 0..LENGTH_FIELD).await?;
    let field: [u8; 8] =
        field.try_into().map_err(|_| corrupt(messages::length_field_incomplete()))?;
    let header_len = u64::from_le_bytes(field);
    if header_len > MOST_HEADER || header_len > len - LENGTH_FIELD {
        return Err(corrupt(messages::header_too_long(header_len, len)));
    }
    let data_start = LENGTH_FIELD + header_len;
    let header = source.read(path, LENGTH_FIELD..data_start).await?;
    // Deserialising checks that the tensors are adjacent and have the lengths of their shapes.
    let metadata: Metadata = serde_json::from_slice(&header)
        .map_err(|e| corrupt(messages::header_no_index(e.to_string())))?;
    let data_len = metadata.data_len() as u64;
    if data_start + data_len != len {
        return Err(corrupt(messages::wrong_length(len, data_start + data_len)));
    }

    let mut entries: Vec<Entry> = metadata
        .tensors()
        .into_iter()
        .map(|(name, info)| Entry {
            name,
            dtype: info.dtype,
            shape: info.shape.clone(),
            range: data_start + info.data_offsets.0 as u64..data_start + info.data_offsets.1 as u64,
        })
        .collect();
    entries.sort_by_key(|entry| entry.range.start);
    let metadata = metadata.metadata().iter().flatten();
    let metadata = metadata.map(|(key, value)| (key.clone(), value.clone())).collect();
    Ok(Index { entries, metadata })
}
