//! Index of a safetensors file.
//!
//! The tensors themselves are read later, one by one.

use std::collections::BTreeMap;
use std::ops::Range;

use safetensors::SafeTensorError;
use safetensors::tensor::Dtype;
use serde::Deserialize;

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

impl Index {
    /// Returns the bytes of all tensors in the file.
    pub fn data(&self) -> Range<u64> {
        let first = self.entries.first().map_or(0, |entry| entry.range.start);
        first..self.entries.last().map_or(first, |entry| entry.range.end)
    }
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
    let no_index = |error: String| corrupt(messages::header_no_index(error));
    let header: Header = serde_json::from_slice(&header).map_err(|e| no_index(e.to_string()))?;
    let data_len = header.check().map_err(|e| no_index(e.to_string()))?;
    let whole = data_start.saturating_add(data_len);
    if whole != len {
        return Err(corrupt(messages::wrong_length(len, whole)));
    }

    let entry = |(name, Tensor { dtype, shape, data_offsets: [start, end] })| Entry {
        name,
        dtype,
        shape,
        range: data_start + start..data_start + end,
    };
    let mut entries: Vec<Entry> = header.tensors.into_iter().map(entry).collect();
    entries.sort_by_key(|entry| (entry.range.start, entry.range.end));
    Ok(Index { entries, metadata: header.metadata.unwrap_or_default() })
}

/// The header as JSON. The crate's own type has offsets of the machine's word size, which are too short for
/// files of 4 GiB in WebAssembly.
#[derive(Deserialize)]
struct Header {
    #[serde(rename = "__metadata__")]
    metadata: Option<BTreeMap<String, String>>,
    #[serde(flatten)]
    tensors: BTreeMap<String, Tensor>,
}

#[derive(Deserialize)]
struct Tensor {
    dtype: Dtype,
    shape: Vec<usize>,
    /// Beginning and end, from the header's end.
    data_offsets: [u64; 2],
}

impl Header {
    /// Checks that the tensors are adjacent and have the lengths of their shapes; returns the bytes of all.
    fn check(&self) -> Result<u64, SafeTensorError> {
        let mut tensors: Vec<(&String, &Tensor)> = self.tensors.iter().collect();
        tensors.sort_by_key(|(_, tensor)| tensor.data_offsets);
        let mut next = 0;
        for (name, tensor) in tensors {
            let [start, end] = tensor.data_offsets;
            if start != next || end < start {
                return Err(SafeTensorError::InvalidOffset(name.clone()));
            }
            let bits = tensor.bits().ok_or(SafeTensorError::ValidationOverflow)?;
            if bits != u128::from(end - start) * 8 {
                return Err(SafeTensorError::TensorInvalidInfo);
            }
            next = end;
        }
        Ok(next)
    }
}

impl Tensor {
    fn bits(&self) -> Option<u128> {
        let start = self.dtype.bitsize() as u128;
        self.shape.iter().try_fold(start, |bits, side| bits.checked_mul(*side as u128))
    }
}
