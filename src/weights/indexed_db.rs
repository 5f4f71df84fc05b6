//! A checkpoint behind an address whose files stay in this browser: the second visit loads its
//! weights without a request, and also without a network.
//!
//! A browser may refuse to keep anything. Then everything works for this visit all the same.
//!
//! ```text
//! Http ─ Download ─► Arriving ─ Chunk ─► Store ─► Database      (or memory)
//!                                         │
//!                     Source::read ◄─ File ┘      Library: what is there
//! ```

mod arriving;
mod by_name;
mod chunk;
mod database;
mod digest;
mod download;
mod entry;
mod estimate;
mod file;
mod follow;
mod keys;
mod library;
mod listener;
mod lock;
mod store;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use futures::lock::Mutex;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use self::arriving::Arriving;
use self::chunk::Chunk;
use self::download::download;
use self::entry::Entry;
pub use self::estimate::{Estimate, estimate};
use self::file::{File, Record};
use self::follow::{Followed, turn};
use self::keys::{FileKey, Shelf};
pub use self::library::{KeptModel, Library, Verdict};
use self::listener::Listener;
pub use self::listener::Transfer;
pub use self::lock::Lock;
use self::store::Store;
use super::http::promise::within;
use super::http::{Http, Probe};
use super::sheet::Sheet;
use super::source::Source;
use crate::error::Result;

/// How long the network may take, in milliseconds, for a small file that is also in the store.
const PATIENCE: u32 = 5_000;

/// The files of an [`Http`] source, kept in the browser.
pub struct IndexedDb {
    http: Http,
    store: Rc<Store>,
    /// For people.
    name: String,
    /// SHA-256 by path, as the checkpoint's sheet gives it.
    digests: HashMap<String, String>,
    /// The complete weight files of this visit. Locked during a download, so that there is only one.
    files: Mutex<HashMap<String, Rc<File>>>,
    /// What the server said of the others.
    probes: RefCell<HashMap<String, Probe>>,
    /// The first chunk of a file that is not complete: its index is asked for in two parts.
    first: RefCell<Option<(String, Rc<Chunk>)>>,
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
        let store = Store::open(Listener::new(listener)).await;
        let mut this = IndexedDb {
            name: library::name_of(&http.place()),
            http,
            store,
            digests: HashMap::new(),
            files: Mutex::default(),
            probes: RefCell::default(),
            first: RefCell::default(),
            silent: Cell::new(false),
        };
        // If the sheet cannot be read, whoever needs it will say so.
        if let Ok(Some(sheet)) = this.read_small(Sheet::PATH).await
            && let Ok(sheet) = Sheet::from_json(Some(&sheet))
        {
            this.digests = lower(sheet.sha256);
            if !sheet.name.is_empty() {
                this.name = sheet.name;
            }
        }
        this
    }

    fn key(&self, path: &str) -> FileKey {
        let digest = self.digests.get(path).cloned().unwrap_or_default();
        FileKey::new(self.http.name(path), digest)
    }

    /// A weight file, if it is wholly here.
    async fn kept(&self, path: &str, files: &mut HashMap<String, Rc<File>>) -> Option<Rc<File>> {
        if let Some(file) = files.get(path) {
            return Some(Rc::clone(file));
        }
        let key = self.key(path);
        let record: Record = self.store.get(Shelf::Files, &key.file()).await?;
        let file = Rc::new(File::new(path, key, record, &self.store, &self.http));
        files.insert(path.to_string(), Rc::clone(&file));
        Some(file)
    }

    async fn missing(
        &self,
        paths: &[String],
        files: &mut HashMap<String, Rc<File>>,
    ) -> Vec<String> {
        let mut missing = Vec::new();
        for path in paths {
            if self.kept(path, files).await.is_none() {
                missing.push(path.clone());
            }
        }
        missing
    }

    /// What the server says of a file, asked once.
    async fn probe(&self, path: &str) -> Result<Option<Probe>> {
        if let Some(probe) = self.probes.borrow().get(path) {
            return Ok(Some(probe.clone()));
        }
        let probe = self.http.probe(path).await?;
        if let Some(probe) = &probe {
            self.probes.borrow_mut().insert(path.to_string(), probe.clone());
        }
        Ok(probe)
    }

    /// Writes into the library that the model was used now.
    async fn note_use(&self, paths: &[String]) {
        let entry = Entry {
            place: self.http.place(),
            name: self.name.clone(),
            files: paths.to_vec(),
            last_used: js_sys::Date::now(),
        };
        self.store.put(Shelf::Models, &[&entry.place], &entry).await;
    }

    /// Bytes of a file that is not wholly here, if they are in its first chunk and that is.
    async fn in_first_chunk(&self, path: &str, range: &Range<u64>) -> Option<Vec<u8>> {
        let at_hand = self.first.borrow().as_ref().filter(|(of, _)| of == path).cloned();
        let chunk = match at_hand {
            Some((_, chunk)) => chunk,
            None => {
                let chunk = self.store.chunk(&self.key(path), 0).await?;
                let origin = self.probe(path).await.ok()??.origin;
                if !chunk.origin.agrees(&origin) || !chunk.is_sound().await {
                    return None;
                }
                let chunk = Rc::new(chunk);
                self.first.replace(Some((path.to_string(), Rc::clone(&chunk))));
                chunk
            }
        };
        let is_inside = range.end <= chunk.len();
        // Chunks are shorter than 4 GiB.
        let part = || chunk.bytes.subarray(range.start as u32, range.end as u32);
        is_inside.then(|| part().to_vec())
    }

    /// Whether `path` was not there at an earlier visit and other weights from its folder are kept:
    /// a variant that the checkpoint does not have.
    async fn is_unused_variant(&self, path: &str, kept: Option<&Small>) -> bool {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        kept.is_some_and(|kept| kept.bytes.is_none())
            && !self.digests.contains_key(path)
            && self.store.has_files_under(&self.http.name(folder)).await
    }
}

impl Source for IndexedDb {
    fn place(&self) -> String {
        self.http.place()
    }

    fn single_file(&self) -> Option<&str> {
        self.http.single_file()
    }

    async fn identity(&self, path: &str) -> Result<Option<String>> {
        if let Some(digest) = self.digests.get(path) {
            return Ok(Some(digest.clone()));
        }
        let kept = self.kept(path, &mut *self.files.lock().await).await;
        let version = match kept {
            Some(file) => Some(file.record.version.clone()),
            None => self.probe(path).await?.map(|probe| probe.origin.version),
        };
        Ok(version.filter(|version| !version.is_empty()))
    }

    async fn fetch(&self, paths: &[String]) -> Result<()> {
        self.store.listener.begin();
        self.note_use(paths).await;
        let mut files = self.files.lock().await;
        let missing = self.missing(paths, &mut files).await;
        if missing.is_empty() {
            return Ok(());
        }
        let followed: Vec<Followed> = missing
            .iter()
            .map(|path| Followed {
                path: path.clone(),
                key: self.key(path),
                len: self.probes.borrow().get(path).map(|probe| probe.total),
            })
            .collect();
        let _turn = turn(&self.http.place(), &followed, &self.store).await;

        let mut arriving = Vec::new();
        // Another tab may have fetched some of them meanwhile.
        for path in self.missing(&missing, &mut files).await {
            let probe = self.probe(&path).await?.ok_or_else(|| self.http.missing(&path))?;
            let key = self.key(&path);
            self.store.remove_other_versions(&key).await;
            arriving.push(Arriving::from_store(&path, key, probe, &self.store).await);
        }
        self.first.replace(None);
        self.probes.borrow_mut().clear(); // After a failure, the server is asked anew.
        download(arriving, &self.http).await
    }

    async fn len(&self, path: &str) -> Result<Option<u64>> {
        let is_weights = is_weights(path);
        if is_weights {
            let mut files = self.files.lock().await;
            if let Some(file) = self.kept(path, &mut files).await {
                return file.len(path).await;
            }
        }
        let url = self.http.name(path);
        let kept: Option<Small> = self.store.get(Shelf::Small, &[&url]).await;
        if is_weights && self.is_unused_variant(path, kept.as_ref()).await {
            return Ok(None);
        }
        match (self.probe(path).await, kept) {
            (Ok(None), None) => {
                self.store.put(Shelf::Small, &[&url], &Small { bytes: None }).await;
                Ok(None)
            }
            (Ok(probe), _) => Ok(probe.map(|probe| probe.total)),
            (Err(_), Some(kept)) => Ok(kept.bytes.map(|bytes| bytes.len() as u64)),
            (Err(error), None) => Err(error),
        }
    }

    async fn read(&self, path: &str, range: Range<u64>) -> Result<Vec<u8>> {
        if !is_weights(path) {
            return self.http.read(path, range).await;
        }
        let kept = self.kept(path, &mut *self.files.lock().await).await;
        let Some(file) = kept else {
            return match self.in_first_chunk(path, &range).await {
                Some(bytes) => Ok(bytes),
                None => self.http.read(path, range).await,
            };
        };
        let read = file.read(path, range).await;
        if read.is_err() {
            // It may have left the store; the next visit shall look again.
            self.files.lock().await.remove(path);
        }
        read
    }

    async fn read_small(&self, path: &str) -> Result<Option<Vec<u8>>> {
        let url = self.http.name(path);
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
    path.to_ascii_lowercase().ends_with(".safetensors")
}

/// Digests are compared as small letters.
fn lower(sha256: impl IntoIterator<Item = (String, String)>) -> HashMap<String, String> {
    sha256.into_iter().map(|(path, digest)| (path, digest.to_lowercase())).collect()
}
