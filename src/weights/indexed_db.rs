//! A checkpoint behind an address whose files stay in this browser: the second visit loads its
//! weights without a request, and also without a network.
//!
//! A browser may refuse to keep anything. Then everything works for this visit all the same.

mod database;
mod download;
mod file;
mod store;

use std::cell::Cell;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use futures::lock::Mutex;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use self::download::download;
use self::file::{File, Record};
pub use self::store::Transfer;
use self::store::{FileKey, Shelf, Store};
use super::http::Http;
use super::http::promise::within;
use super::sheet::Sheet;
use super::source::Source;
use crate::error::{Error, Result};

/// How long the network may take, in milliseconds, for a small file that is also in the store.
const PATIENCE: u32 = 5_000;

/// The files of an [`Http`] source, kept in the browser.
pub struct IndexedDb {
    http: Http,
    store: Rc<Store>,
    /// SHA-256 by path, as the checkpoint's sheet gives it.
    digests: HashMap<String, String>,
    /// The weight files of this visit. Locked during a download, so that there is only one.
    files: Mutex<HashMap<String, Rc<File>>>,
    /// The network was asked once in this visit and did not answer in time.
    silent: Cell<bool>,
}

/// A small file in the store, or the knowledge that there is none.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Small {
    bytes: Option<ByteBuf>,
}

impl IndexedDb {
    /// Opens the store for the checkpoint at `http`. `listener` hears what arrives, and once if the
    /// browser keeps nothing.
    pub async fn open(http: Http, listener: Rc<dyn Fn(Transfer)>) -> Self {
        let store = Rc::new(Store::open(listener).await);
        let mut this = IndexedDb {
            http,
            store,
            digests: HashMap::new(),
            files: Mutex::default(),
            silent: Cell::new(false),
        };
        // If the sheet cannot be read, whoever needs it will say so.
        if let Ok(Some(sheet)) = this.read_small(Sheet::PATH).await {
            this.digests = digests(&sheet);
        }
        this
    }

    fn key(&self, path: &str) -> FileKey {
        let digest = self.digests.get(path).cloned().unwrap_or_default();
        FileKey::new(self.http.url(path), digest)
    }

    /// A weight file, if it is wholly here.
    async fn kept(&self, path: &str, files: &mut HashMap<String, Rc<File>>) -> Option<Rc<File>> {
        if let Some(file) = files.get(path) {
            return Some(Rc::clone(file));
        }
        let key = self.key(path);
        let record: Record = self.store.get(Shelf::Files, &key.file()).await?;
        let file = Rc::new(File::from_store(path, key, record, &self.store, &self.http));
        files.insert(path.to_string(), Rc::clone(&file));
        Some(file)
    }

    /// A weight file, downloaded if need be.
    async fn file(&self, path: &str) -> Result<Rc<File>> {
        let mut files = self.files.lock().await;
        if let Some(file) = self.kept(path, &mut files).await {
            return Ok(file);
        }
        let file = Rc::new(download(path, self.key(path), &self.store, &self.http).await?);
        files.insert(path.to_string(), Rc::clone(&file));
        Ok(file)
    }

    /// Whether `path` was not there at an earlier visit and other weights from its folder are kept:
    /// a variant that the checkpoint does not have.
    async fn is_unused_variant(&self, path: &str, kept: Option<&Small>) -> bool {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        kept.is_some_and(|kept| kept.bytes.is_none())
            && !self.digests.contains_key(path)
            && self.store.has_files_under(&self.http.url(folder)).await
    }
}

impl Source for IndexedDb {
    fn place(&self) -> String {
        self.http.place()
    }

    async fn len(&self, path: &str) -> Result<Option<u64>> {
        let is_weights = is_weights(path);
        if is_weights {
            let mut files = self.files.lock().await;
            if let Some(file) = self.kept(path, &mut files).await {
                return file.len(path).await;
            }
        }
        let url = self.http.url(path);
        let kept: Option<Small> = self.store.get(Shelf::Small, &[&url]).await;
        if is_weights && self.is_unused_variant(path, kept.as_ref()).await {
            return Ok(None);
        }
        match (self.http.len(path).await, kept) {
            (Ok(None), None) => {
                self.store.put(Shelf::Small, &[&url], &Small { bytes: None }).await;
                Ok(None)
            }
            (Ok(len), _) => Ok(len),
            (Err(_), Some(kept)) => Ok(kept.bytes.map(|bytes| bytes.len() as u64)),
            (Err(error), None) => Err(error),
        }
    }

    async fn read(&self, path: &str, range: Range<u64>) -> Result<Vec<u8>> {
        if !is_weights(path) {
            return self.http.read(path, range).await;
        }
        let read = self.file(path).await?.read(path, range).await;
        if matches!(read, Err(Error::CorruptWeights { .. })) {
            // It has left the store; the next read shall fetch it anew.
            self.files.lock().await.remove(path);
        }
        read
    }

    async fn read_small(&self, path: &str) -> Result<Option<Vec<u8>>> {
        let url = self.http.url(path);
        let kept: Option<Small> = self.store.get(Shelf::Small, &[&url]).await;
        let Some(kept) = kept else {
            let small = Small { bytes: self.http.read_small(path).await?.map(ByteBuf::from) };
            self.store.put(Shelf::Small, &[&url], &small).await;
            return Ok(small.bytes.map(ByteBuf::into_vec));
        };
        if self.silent.get() {
            return Ok(kept.bytes.map(ByteBuf::into_vec));
        }
        let fresh = within(PATIENCE, self.http.read_small_once(path)).await;
        self.silent.set(fresh.is_none());
        let Some(Ok(fresh)) = fresh else { return Ok(kept.bytes.map(ByteBuf::into_vec)) };
        let small = Small { bytes: fresh.map(ByteBuf::from) };
        // A file that is missing today may be back tomorrow: what is kept stays for a visit offline.
        if small.bytes.is_some() && small != kept {
            self.store.put(Shelf::Small, &[&url], &small).await;
        }
        Ok(small.bytes.map(ByteBuf::into_vec))
    }
}

fn is_weights(path: &str) -> bool {
    path.ends_with(".safetensors")
}

/// What the sheet says of the weight files. A sheet that cannot be read is an error of whoever needs
/// more of it.
fn digests(sheet: &[u8]) -> HashMap<String, String> {
    let sha256 = Sheet::from_json(Some(sheet)).map(|sheet| sheet.sha256).unwrap_or_default();
    sha256.into_iter().map(|(path, digest)| (path, digest.to_lowercase())).collect()
}

#[cfg(test)]
mod tests {
    use super::digests;

    #[test]
    fn a_sheet_may_give_digests() {
        let sheet = br#"{"name": "x", "sha256": {"unet/a.safetensors": "AB12"}}"#;
        assert_eq!(digests(sheet).get("unet/a.safetensors").map(String::as_str), Some("ab12"));
        assert!(digests(br#"{"name": "x"}"#).is_empty());
        assert!(digests(b"no json").is_empty());
    }
}
