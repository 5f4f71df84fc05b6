//! Where a checkpoint's bytes come from.

use std::ops::Range;

use crate::error::{Error, Result};

/// A checkpoint folder somewhere: on a disk, behind an address, in the browser's store.
///
/// Files are read by range, so that a file is never in memory as a whole. Paths are relative, with
/// `/`, as they stand in the checkpoint (`unet/config.json`).
#[allow(async_fn_in_trait)] // Everything runs on one thread: no `Send` bound is wanted.
pub trait Source {
    /// The folder or address, for messages.
    fn place(&self) -> String;

    /// Length of a file in bytes; `None` if there is no such file.
    async fn len(&self, path: &str) -> Result<Option<u64>>;

    /// The bytes `range` of a file.
    ///
    /// # Errors
    /// If the file is not there, ends before `range` does, or cannot be read.
    async fn read(&self, path: &str, range: Range<u64>) -> Result<Vec<u8>>;

    /// A small file as a whole; `None` if there is no such file.
    async fn read_small(&self, path: &str) -> Result<Option<Vec<u8>>> {
        /// A config or vocabulary is at most a few megabytes; more is not one.
        const MOST: u64 = 64 << 20;
        match self.len(path).await? {
            None => Ok(None),
            Some(len) if len > MOST => Err(Error::InvalidConfig {
                path: path.to_string(),
                reason: format!("it has {len} bytes, more than any config or vocabulary"),
            }),
            Some(len) => self.read(path, 0..len).await.map(Some),
        }
    }
}
