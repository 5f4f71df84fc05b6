//! Checkpoint behind an address whose files are kept in the browser: the next visit loads its
//! weights without a request, and also without a network.
//!
//! A browser may refuse to keep anything. Then the files stay in memory until the visit ends.
//!
//! ```text
//! Http ─ ByteStream ─► PartialFile ─ Chunk ─► FallbackStore ─► ChunkStore    (or Memory)
//!                                                 │
//!                       Source::read ◄─ CachedFile ┘               Library: what is stored
//! ```
//! Nothing here knows a browser: `browser` implements [`Transport`] and [`ChunkStore`] for one,
//! tests for faulty networks and stores.

mod chunk;
mod chunk_store;
mod download;
mod fallback_store;
mod file;
mod keys;
mod library;
mod memory;
mod model_entry;
mod other_tab;
mod partial_file;
mod transfer;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use futures::lock::Mutex;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

pub use self::chunk::Chunk;
pub use self::chunk_store::{ChunkStore, Value};
use self::download::download;
use self::fallback_store::FallbackStore;
use self::file::{CachedFile, FileRecord};
pub use self::keys::{FileKey, KeyRange, KeyRangeEnd, Table};
pub use self::library::{KeptModel, Library, Verdict};
pub use self::memory::Memory;
use self::model_entry::ModelEntry;
use self::other_tab::{WantedFile, wait_for_turn};
use self::partial_file::PartialFile;
pub use self::transfer::Transfer;
use self::transfer::TransferReporter;
use super::address;
use super::bytes::Bytes;
use super::http::{Clock, FileInfo, Http, Transport};
use super::model_card::ModelCard;
use super::picked::is_weights;
use super::source::Source;
use crate::error::{Error, Result};

/// Complete weight files by path.
type Files<T, S> = HashMap<String, Rc<CachedFile<T, S>>>;

/// A path and the first chunk of its file.
type FirstChunk<B> = (String, Rc<Chunk<B>>);

/// The files of an [`Http`] source, kept in a [`ChunkStore`].
pub struct CachedHttp<T: Transport, S: ChunkStore> {
    http: Http<T>,
    store: Rc<FallbackStore<S>>,
    /// Display name.
    name: String,
    /// Whether it is listed as an adapter.
    is_adapter: bool,
    /// Whether it is listed as an autoencoder.
    is_vae: bool,
    /// SHA-256 by path, from the checkpoint's model card.
    digests: HashMap<String, String>,
    /// The complete weight files of this visit. Locked during a download, so that there is only
    /// one.
    files: Mutex<Files<T, S>>,
    /// The server's information about the other files.
    infos: RefCell<HashMap<String, FileInfo>>,
    /// The first chunk of an incomplete file, of which the index is read in two steps.
    first_chunk: RefCell<Option<FirstChunk<S::Bytes>>>,
    /// Whether the network did not answer in time in this visit.
    is_silent: Cell<bool>,
}

/// A small file in the store, or the knowledge that it does not exist.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct SmallFile {
    bytes: Option<ByteBuf>,
}

impl<T: Transport, S: ChunkStore<Bytes = T::Bytes>> CachedHttp<T, S> {
    /// Opens the checkpoint at `http`. Where there is no store, files are kept in memory.
    /// `listener` receives the events of downloads.
    pub async fn open(http: Http<T>, store: Result<S>, listener: Rc<dyn Fn(Transfer)>) -> Self {
        let mut this = CachedHttp {
            name: address::name_of(&http.place()),
            is_adapter: false,
            is_vae: false,
            http,
            store: FallbackStore::new(store, TransferReporter::new(listener)),
            digests: HashMap::new(),
            files: Mutex::default(),
            infos: RefCell::default(),
            first_chunk: RefCell::default(),
            is_silent: Cell::new(false),
        };
        // A model card that cannot be read is an error of the caller that needs it.
        if let Ok(Some(model_card)) = this.read_small(ModelCard::PATH).await
            && let Ok(model_card) = ModelCard::from_json(Some(&model_card))
        {
            let digests = model_card.sha256.into_iter();
            this.digests = digests.map(|(path, hex)| (path, hex.to_lowercase())).collect();
            if !model_card.name.is_empty() {
                this.name = model_card.name;
            }
        }
        this
    }

    /// Lists it as an adapter among the stored models.
    pub fn set_adapter(&mut self) {
        self.is_adapter = true;
    }

    /// Lists it as an autoencoder among the stored models, unless the model that contains it is listed.
    pub fn set_vae(&mut self) {
        self.is_vae = true;
    }

    fn key(&self, path: &str) -> FileKey {
        let sha256 = self.digests.get(path).cloned().unwrap_or_default();
        FileKey { url: self.http.stored_url(path), sha256 }
    }

    /// Returns a weight file if it is complete.
    async fn complete(&self, path: &str, files: &mut Files<T, S>) -> Option<Rc<CachedFile<T, S>>> {
        if let Some(file) = files.get(path) {
            return Some(Rc::clone(file));
        }
        let key = self.key(path);
        let record: FileRecord = self.store.get(Table::Files, &key.file()).await?;
        let file = Rc::new(CachedFile::new(path, key, record, &self.store, &self.http));
        files.insert(path.to_string(), Rc::clone(&file));
        Some(file)
    }

    async fn incomplete(&self, paths: &[String], files: &mut Files<T, S>) -> Vec<String> {
        let mut incomplete = Vec::new();
        for path in paths {
            if self.complete(path, files).await.is_none() {
                incomplete.push(path.clone());
            }
        }
        incomplete
    }

    /// Returns the server's information about a file, requested once.
    async fn file_info(&self, path: &str) -> Result<Option<FileInfo>> {
        if let Some(info) = self.infos.borrow().get(path) {
            return Ok(Some(info.clone()));
        }
        let info = self.http.file_info(path).await?;
        if let Some(info) = &info {
            self.infos.borrow_mut().insert(path.to_string(), info.clone());
        }
        Ok(info)
    }

    /// Stores that the model is used now.
    async fn store_entry(&self, paths: &[String]) {
        let mut entry = ModelEntry {
            place: self.http.place(),
            name: self.name.clone(),
            files: paths.to_vec(),
            last_used: self.http.clock().now(),
            is_adapter: self.is_adapter,
            is_vae: self.is_vae,
        };
        if self.is_vae {
            let stored: Option<ModelEntry> = self.store.get(Table::Models, &[&entry.place]).await;
            if let Some(model) = stored.filter(|stored| !stored.is_vae) {
                entry = ModelEntry { last_used: entry.last_used, ..model };
            }
        }
        self.store.put(Table::Models, &[&entry.place], &entry).await;
    }

    /// Reads bytes of an incomplete file if its first chunk is stored and has them all.
    async fn read_first_chunk(&self, path: &str, range: &Range<u64>) -> Option<Vec<u8>> {
        let in_memory = self.first_chunk.borrow().as_ref().filter(|(of, _)| of == path).cloned();
        let chunk = match in_memory {
            Some((_, chunk)) => chunk,
            None => {
                let chunk = self.store.chunk(&self.key(path), 0).await?;
                let version = self.file_info(path).await.ok()??.version;
                if !chunk.version.agrees(&version) || !chunk.is_intact().await {
                    return None;
                }
                let chunk = Rc::new(chunk);
                self.first_chunk.replace(Some((path.to_string(), Rc::clone(&chunk))));
                chunk
            }
        };
        let is_inside = range.start <= range.end && range.end <= chunk.len();
        // Chunks are shorter than 4 GiB.
        is_inside.then(|| chunk.bytes.slice(range.start as usize..range.end as usize).to_vec())
    }

    /// Whether `path` did not exist at an earlier visit and other weights of its folder are stored:
    /// a variant that the checkpoint does not have.
    async fn is_unused_variant(&self, path: &str, stored: Option<&SmallFile>) -> bool {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        stored.is_some_and(|stored| stored.bytes.is_none())
            && !self.digests.contains_key(path)
            && self.store.has_files_under(&self.http.stored_url(folder)).await
    }
}

impl<T: Transport, S: ChunkStore<Bytes = T::Bytes>> Source for CachedHttp<T, S> {
    fn place(&self) -> String {
        self.http.place()
    }

    fn single_file(&self) -> Option<&str> {
        self.http.single_file()
    }

    fn missing(&self, path: &str) -> Error {
        self.http.missing(path)
    }

    async fn identity(&self, path: &str) -> Result<Option<String>> {
        if let Some(digest) = self.digests.get(path) {
            return Ok(Some(digest.clone()));
        }
        let complete = self.complete(path, &mut *self.files.lock().await).await;
        let validator = match complete {
            Some(file) => Some(file.record.validator.clone()),
            None => self.file_info(path).await?.map(|info| info.version.validator),
        };
        Ok(validator.filter(|validator| !validator.is_empty()))
    }

    async fn fetch(&self, paths: &[String]) -> Result<()> {
        self.store.reporter.start();
        self.store_entry(paths).await;
        let mut files = self.files.lock().await;
        let incomplete = self.incomplete(paths, &mut files).await;
        if incomplete.is_empty() {
            return Ok(());
        }
        let wanted: Vec<WantedFile> = incomplete
            .iter()
            .map(|path| WantedFile {
                path: path.clone(),
                key: self.key(path),
                len: self.infos.borrow().get(path).map(|info| info.total),
            })
            .collect();
        let (clock, policy) = (self.http.clock(), self.http.policy());
        let _turn = wait_for_turn(&self.place(), &wanted, &self.store, clock, policy).await;

        let mut partial = Vec::new();
        // Another tab may have completed some of them meanwhile.
        for path in self.incomplete(&incomplete, &mut files).await {
            let info = self.file_info(&path).await?.ok_or_else(|| self.http.missing(&path))?;
            let key = self.key(&path);
            self.store.remove_other_versions(&key).await;
            let size = policy.chunk_size;
            partial.push(PartialFile::from_store(&path, key, info, size, &self.store).await);
        }
        self.first_chunk.replace(None);
        self.infos.borrow_mut().clear(); // After a failure, the server is asked again.
        download(partial, &self.http).await
    }

    async fn len(&self, path: &str) -> Result<Option<u64>> {
        let is_weights = is_weights(path);
        if is_weights {
            let mut files = self.files.lock().await;
            if let Some(file) = self.complete(path, &mut files).await {
                return file.len(path).await;
            }
        }
        let url = self.http.stored_url(path);
        let stored: Option<SmallFile> = self.store.get(Table::Small, &[&url]).await;
        if is_weights && self.is_unused_variant(path, stored.as_ref()).await {
            return Ok(None);
        }
        match (self.file_info(path).await, stored) {
            (Ok(None), None) => {
                self.store.put(Table::Small, &[&url], &SmallFile { bytes: None }).await;
                Ok(None)
            }
            (Ok(info), _) => Ok(info.map(|info| info.total)),
            (Err(_), Some(stored)) => Ok(stored.bytes.map(|bytes| bytes.len() as u64)),
            (Err(error), None) => Err(error),
        }
    }

    async fn read(&self, path: &str, range: Range<u64>) -> Result<Vec<u8>> {
        if !is_weights(path) {
            return self.http.read(path, range).await;
        }
        let complete = self.complete(path, &mut *self.files.lock().await).await;
        let Some(file) = complete else {
            return match self.read_first_chunk(path, &range).await {
                Some(bytes) => Ok(bytes),
                None => self.http.read(path, range).await,
            };
        };
        let read = file.read(path, range).await;
        if read.is_err() {
            // It may have been deleted from the store: look there again next time.
            self.files.lock().await.remove(path);
        }
        read
    }

    async fn read_small(&self, path: &str) -> Result<Option<Vec<u8>>> {
        let url = self.http.stored_url(path);
        let stored: Option<SmallFile> = self.store.get(Table::Small, &[&url]).await;
        let Some(stored) = stored else {
            let small = SmallFile { bytes: self.http.read_small(path).await?.map(ByteBuf::from) };
            self.store.put(Table::Small, &[&url], &small).await;
            return Ok(small.bytes.map(ByteBuf::into_vec));
        };
        if self.is_silent.get() {
            return Ok(stored.bytes.map(ByteBuf::into_vec));
        }
        let (clock, limit) = (self.http.clock(), self.http.policy().revalidation);
        let fresh = clock.timeout(limit, self.http.read_small_once(path)).await;
        self.is_silent.set(fresh.is_none());
        let Some(Ok(fresh)) = fresh else { return Ok(stored.bytes.map(ByteBuf::into_vec)) };
        let small = SmallFile { bytes: fresh.map(ByteBuf::from) };
        // A file that is missing today may exist tomorrow: the stored one stays for visits offline.
        if small.bytes.is_some() && small != stored {
            self.store.put(Table::Small, &[&url], &small).await;
        }
        Ok(small.bytes.map(ByteBuf::into_vec))
    }
}
