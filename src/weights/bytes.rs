//! Byte buffers outside WebAssembly's memory, and their SHA-256.

use std::ops::Range;

use sha2::{Digest, Sha256};

/// Bytes that are copied into this program's memory at once to compute a digest.
const DIGEST_STEP: usize = 1 << 20;

/// A byte buffer in the memory where the platform keeps what it downloads.
///
/// In a browser that is JavaScript's memory: a file's chunks are received, checked and stored
/// without being in WebAssembly's.
#[allow(async_fn_in_trait)] // Everything runs on one thread: no `Send` bound is wanted.
pub trait Bytes: Clone {
    /// Returns a buffer of zeros.
    fn zeroed(len: usize) -> Self;

    /// Returns the number of bytes.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns a part of the buffer. It may share the buffer's memory.
    fn slice(&self, range: Range<usize>) -> Self;

    /// Overwrites the bytes from `offset` on with `bytes`.
    fn write(&mut self, offset: usize, bytes: &Self);

    /// Copies all bytes to `target`, which is as long.
    fn copy_to(&self, target: &mut [u8]);

    /// Copies all bytes into this program's memory.
    fn to_vec(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.len()];
        self.copy_to(&mut bytes);
        bytes
    }

    /// Returns the SHA-256 in lower-case hex.
    async fn sha256(&self) -> String {
        sha256(self)
    }
}

/// Computes the SHA-256 in this program, in lower-case hex.
pub fn sha256(bytes: &impl Bytes) -> String {
    let mut digest = RunningDigest::default();
    digest.update(bytes);
    digest.finish()
}

/// SHA-256 of several buffers, one after the other.
#[derive(Default)]
pub struct RunningDigest {
    state: Sha256,
    step: Vec<u8>,
}

impl RunningDigest {
    /// Adds a buffer.
    pub fn update(&mut self, bytes: &impl Bytes) {
        for start in (0..bytes.len()).step_by(DIGEST_STEP) {
            let end = bytes.len().min(start + DIGEST_STEP);
            self.step.resize(end - start, 0);
            bytes.slice(start..end).copy_to(&mut self.step);
            self.state.update(&self.step);
        }
    }

    /// Returns the digest in lower-case hex.
    pub fn finish(self) -> String {
        hex::encode(self.state.finalize())
    }
}
