//! Checkpoint in the file system.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::source::Source;
use crate::error::{Error, Result, messages};

/// A folder, or a single file.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
    file: Option<String>,
}

impl Folder {
    /// Opens `path`.
    ///
    /// # Errors
    /// [`Error::Io`] if there is no such file or folder.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        if path.is_dir() {
            return Ok(Folder { root: path, file: None });
        }
        let named = path.file_name().and_then(|name| name.to_str()).map(str::to_string);
        match (path.is_file(), named) {
            (true, Some(name)) => {
                let root = path.parent().map(Path::to_path_buf).unwrap_or_default();
                Ok(Folder { root, file: Some(name) })
            }
            _ => Err(Error::Io {
                path: path.display().to_string(),
                reason: messages::no_such_place(),
            }),
        }
    }

    fn failed(&self, path: &str, error: &std::io::Error) -> Error {
        Error::of_system(self.root.join(path).display(), error)
    }
}

impl Source for Folder {
    fn place(&self) -> String {
        match &self.file {
            Some(file) => self.root.join(file).display().to_string(),
            None => self.root.display().to_string(),
        }
    }

    fn single_file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// Returns length and time of the last change.
    async fn identity(&self, path: &str) -> Result<Option<String>> {
        let Ok(metadata) = std::fs::metadata(self.root.join(path)) else { return Ok(None) };
        let since = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).ok();
        let changed = metadata.modified().ok().and_then(since).map_or(0, |time| time.as_millis());
        Ok(Some(format!("{}-{changed}", metadata.len())))
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
            reason: messages::ends_before(range.end),
        })
    }
}
