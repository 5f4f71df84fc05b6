//! A checkpoint folder on a disk.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::PathBuf;

use super::source::Source;
use crate::error::{Error, Result};

/// A folder in the file system.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// Opens `root`, which must be a folder.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self> {
        let root = root.into();
        if root.is_dir() {
            return Ok(Folder { root });
        }
        let reason = match root.exists() {
            true => "is not a folder; a checkpoint in diffusers layout is one",
            false => "no such folder",
        };
        Err(Error::Io { path: root.display().to_string(), reason: reason.to_string() })
    }

    fn failed(&self, path: &str, error: &std::io::Error) -> Error {
        Error::Io { path: self.root.join(path).display().to_string(), reason: error.to_string() }
    }
}

impl Source for Folder {
    fn place(&self) -> String {
        self.root.display().to_string()
    }

    async fn len(&self, path: &str) -> Result<Option<u64>> {
        match std::fs::metadata(self.root.join(path)) {
            Ok(metadata) => Ok(metadata.is_file().then_some(metadata.len())),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) => Err(self.failed(path, &e)),
        }
    }

    async fn read(&self, path: &str, range: Range<u64>) -> Result<Vec<u8>> {
        let read = || {
            let mut file = File::open(self.root.join(path))?;
            file.seek(SeekFrom::Start(range.start))?;
            let mut bytes = Vec::new();
            file.take(range.end - range.start).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        let bytes = read().map_err(|e: std::io::Error| self.failed(path, &e))?;
        if bytes.len() as u64 == range.end - range.start {
            return Ok(bytes);
        }
        Err(Error::CorruptWeights {
            path: path.to_string(),
            reason: format!("it ends before byte {}", range.end),
        })
    }
}
