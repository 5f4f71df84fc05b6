//! Checkpoint in the file system.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::picked::{PickedModel, is_hidden, is_weights};
use super::source::Source;
use crate::error::{Error, Message, Result, messages};

/// A folder, or a single file.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
    file: Option<String>,
    name: String,
}

impl Folder {
    /// Opens the model at `path`: a folder in diffusers layout, a repository in the Hub's cache
    /// folder, a single file, or a folder with one.
    ///
    /// # Errors
    /// [`Error::Io`] if there is no such file or folder; [`Error::InvalidRequest`] if a folder has
    /// several single files.
    pub fn open_model(path: impl Into<PathBuf>) -> Result<Self> {
        let folder = Self::open(path)?;
        if folder.file.is_some() {
            return Ok(folder);
        }
        let root = snapshot(&folder.root).unwrap_or(folder.root);
        let files = files(&root);
        let place = Message::verbatim(root.display());
        match PickedModel::of(files.iter().map(String::as_str), &place)? {
            PickedModel::File(file) => Ok(Folder { root, name: file.clone(), file: Some(file) }),
            PickedModel::Folder => Ok(Folder { root, file: None, name: folder.name }),
        }
    }

    /// Opens `path`.
    ///
    /// # Errors
    /// [`Error::Io`] if there is no such file or folder.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        if path.is_dir() {
            let name = display_name(&path);
            return Ok(Folder { root: path, file: None, name });
        }
        let named = path.file_name().and_then(|name| name.to_str()).map(str::to_string);
        match (path.is_file(), named) {
            (true, Some(name)) => {
                let root = path.parent().map(Path::to_path_buf).unwrap_or_default();
                Ok(Folder { root, file: Some(name.clone()), name })
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

/// Lists a folder as far as [`PickedModel::of`] needs it: the files, and the folder of the UNet.
fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    // Symbolic links are followed, because the Hub's cache folder consists of them.
    let name = |entry: std::fs::DirEntry| {
        let name = entry.file_name().to_str()?.to_string();
        let is_part = name == "unet" || name.ends_with(".json") || is_weights(&name);
        (is_part && !is_hidden(&name)).then_some(name)
    };
    let mut names: Vec<String> = entries.filter_map(name).collect();
    names.sort();
    names
}

const SNAPSHOTS: &str = "snapshots";

/// Returns the snapshot of a repository in the Hub's cache folder
/// (`models--owner--name/snapshots/HASH`): that of `refs/main`, else the newest.
fn snapshot(folder: &Path) -> Option<PathBuf> {
    let snapshots = folder.join(SNAPSHOTS);
    let main = std::fs::read_to_string(folder.join("refs/main")).ok();
    if let Some(main) = main.map(|hash| snapshots.join(hash.trim())).filter(|main| main.is_dir()) {
        return Some(main);
    }
    let all = std::fs::read_dir(&snapshots).ok()?.flatten().map(|entry| entry.path());
    let changed = |path: &PathBuf| std::fs::metadata(path).and_then(|of| of.modified()).ok();
    all.filter(|path| path.is_dir()).max_by_key(changed)
}

/// Returns the name of a folder, or `owner/name` of a repository in the Hub's cache folder. That of
/// a link is the link's.
fn display_name(folder: &Path) -> String {
    let canonical = || std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_path_buf());
    let whole = match folder.file_name() {
        Some(_) => std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf()),
        None => canonical(), // `.` or `..`
    };
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let repository = |path: &Path| {
        let name = name(path)?;
        Some(name.strip_prefix("models--")?.replacen("--", "/", 1))
    };
    let is_snapshot = whole.parent().and_then(name).as_deref() == Some(SNAPSHOTS);
    let of_snapshot = || whole.parent().filter(|_| is_snapshot)?.parent().and_then(repository);
    repository(&whole).or_else(of_snapshot).or_else(|| name(&whole)).unwrap_or_default()
}

impl Source for Folder {
    fn place(&self) -> String {
        match &self.file {
            Some(file) => self.root.join(file).display().to_string(),
            None => self.root.display().to_string(),
        }
    }

    fn short_name(&self) -> String {
        self.name.clone()
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fs;

    use super::Folder;
    use crate::weights::Source;

    #[test]
    fn repository_in_cache_folder_is_opened_at_its_main_snapshot() {
        let cache = tempfile::tempdir().unwrap();
        let repository = cache.path().join("models--stabilityai--sd-turbo");
        for hash in ["aaaa", "bbbb"] {
            let folder = repository.join("snapshots").join(hash);
            fs::create_dir_all(folder.join("unet")).unwrap();
            fs::write(folder.join("model_index.json"), hash).unwrap();
        }
        fs::create_dir_all(repository.join("refs")).unwrap();
        fs::write(repository.join("refs/main"), "aaaa").unwrap();
        for path in [repository.clone(), repository.join("snapshots/aaaa")] {
            let folder = Folder::open_model(path).unwrap();
            assert_eq!(folder.short_name(), "stabilityai/sd-turbo");
            let index = pollster::block_on(folder.read_small("model_index.json")).unwrap();
            assert_eq!(index.as_deref(), Some(&b"aaaa"[..]));
        }
    }

    #[test]
    fn folder_with_one_file_is_that_file() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["My_Model.SafeTensors", "My_Model.json", "._My_Model.safetensors", ".DS_Store"]
        {
            fs::write(folder.path().join(name), b"").unwrap();
        }
        let opened = Folder::open_model(folder.path()).unwrap();
        assert_eq!(opened.single_file(), Some("My_Model.SafeTensors"));
        assert_eq!(opened.short_name(), "My_Model.SafeTensors");
        fs::write(folder.path().join("other.safetensors"), b"").unwrap();
        assert!(Folder::open_model(folder.path()).is_err());
    }
}
