//! Source of a checkpoint's bytes.

use std::ops::Range;

use super::address;
use crate::error::{Error, Message, Result, messages};

/// A checkpoint, a folder or a single file: on a disk, behind an address, in the browser's storage.
///
/// Files are read by range, so that a file is never in memory as a whole. Paths are relative to the
/// checkpoint, with `/` (`unet/config.json`).
#[allow(async_fn_in_trait)] // Everything runs on one thread: no `Send` bound is wanted.
pub trait Source {
    /// Returns the folder or address, for messages.
    fn place(&self) -> String;

    /// Returns the name of the folder, file or repository: it may say how the model was trained.
    fn short_name(&self) -> String {
        address::name_of(&self.place())
    }

    /// Returns the name of the file if the checkpoint is a single file.
    fn single_file(&self) -> Option<&str> {
        None
    }

    /// Returns a text that differs between versions of a file: an `ETag`, a digest or a date.
    /// `None` if there is nothing of the kind.
    async fn identity(&self, _path: &str) -> Result<Option<String>> {
        Ok(None)
    }

    /// Prepares files that will be read as a whole: a source behind a network downloads and keeps
    /// them. Before that, [`read`](Self::read) downloads no more than the requested range.
    ///
    /// # Errors
    /// If one of them cannot be downloaded.
    async fn fetch(&self, _paths: &[String]) -> Result<()> {
        Ok(())
    }

    /// Returns the folder or address, for users.
    fn place_name(&self) -> Message {
        Message::verbatim(self.place())
    }

    /// Returns the error for a file that does not exist.
    fn missing(&self, path: &str) -> Error {
        Error::MissingFile { path: path.to_string(), place: self.place_name() }
    }

    /// Returns the length of a file in bytes; `None` if there is no such file.
    async fn len(&self, path: &str) -> Result<Option<u64>>;

    /// Reads the bytes `range` of a file.
    ///
    /// # Errors
    /// If the file is not there, ends before `range` does, or cannot be read.
    async fn read(&self, path: &str, range: Range<u64>) -> Result<Vec<u8>>;

    /// Reads a small file as a whole; `None` if there is no such file.
    async fn read_small(&self, path: &str) -> Result<Option<Vec<u8>>> {
        /// Bytes. Configs and vocabularies have a few megabytes.
        const MOST: u64 = 64 << 20;
        match self.len(path).await? {
            None => Ok(None),
            Some(len) if len > MOST => Err(Error::InvalidConfig {
                path: path.to_string(),
                reason: messages::more_than_any_config(len),
            }),
            Some(len) => self.read(path, 0..len).await.map(Some),
        }
    }
}
