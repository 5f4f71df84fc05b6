//! Where a checkpoint's bytes come from.

use std::ops::Range;

use crate::error::{Error, Message, Result, messages};

/// A checkpoint somewhere, a folder or a single file: on a disk, behind an address, in the browser's
/// store.
///
/// Files are read by range, so that a file is never in memory as a whole. Paths are relative, with
/// `/`, as they stand in the checkpoint (`unet/config.json`).
#[allow(async_fn_in_trait)] // Everything runs on one thread: no `Send` bound is wanted.
pub trait Source {
    /// The folder or address, for messages.
    fn place(&self) -> String;

    /// The one file that this is, if it is a file and not a folder.
    fn single_file(&self) -> Option<&str> {
        None
    }

    /// What tells this version of a file from any other: a server's mark, a digest, a date. `None` if
    /// nobody knows.
    async fn identity(&self, _path: &str) -> Result<Option<String>> {
        Ok(None)
    }

    /// Brings files near that will be read as a whole: a source behind a network downloads and keeps
    /// them. Before that, [`read`](Self::read) fetches no more than it is asked for.
    ///
    /// # Errors
    /// If one of them cannot be had.
    async fn fetch(&self, _paths: &[String]) -> Result<()> {
        Ok(())
    }

    /// Where it is, for people.
    fn place_name(&self) -> Message {
        Message::verbatim(self.place())
    }

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
                reason: messages::more_than_any_config(len),
            }),
            Some(len) => self.read(path, 0..len).await.map(Some),
        }
    }
}
