//! Stored part of a weight file.

use crate::weights::bytes::Bytes;
use crate::weights::http::FileVersion;

/// A chunk of a file and its checksum. `B` keeps the bytes out of WebAssembly's memory.
#[derive(Debug, Clone)]
pub struct Chunk<B> {
    /// SHA-256 in lower-case hex.
    pub sha256: String,
    /// Version of the file. Chunks of different versions must not be joined.
    pub version: FileVersion,
    /// Bytes of every chunk of the file but the last.
    pub size: u64,
    /// The bytes.
    pub bytes: B,
}

impl<B: Bytes> Chunk<B> {
    /// Computes the checksum.
    pub async fn new(bytes: B, size: u64, version: &FileVersion) -> Self {
        Chunk { sha256: bytes.sha256().await, version: version.clone(), size, bytes }
    }

    /// Returns the number of bytes.
    pub fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Whether the bytes have the stored checksum.
    pub async fn is_intact(&self) -> bool {
        self.bytes.sha256().await == self.sha256
    }
}

/// Returns the number of chunks of a file.
pub fn chunk_count(file_len: u64, size: u64) -> u64 {
    file_len.div_ceil(size)
}

/// Returns the length of a chunk of a file.
pub fn chunk_len(index: u64, file_len: u64, size: u64) -> u64 {
    file_len.saturating_sub(index.saturating_mul(size)).min(size)
}
