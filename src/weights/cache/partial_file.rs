//! Partly downloaded weight file.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::lock::Mutex;

use super::chunk::{Chunk, chunk_count, chunk_len};
use super::chunk_store::ChunkStore;
use super::fallback_store::FallbackStore;
use super::file::{CachedFile, FileRecord};
use super::keys::{FileKey, Table};
use crate::error::{Error, Result, messages};
use crate::weights::bytes::RunningDigest;
use crate::weights::http::{FileInfo, FileVersion, Http, Transport};
use crate::weights::safetensors::read_index;

/// A file whose chunks are being stored, in one version.
pub struct PartialFile<S: ChunkStore> {
    pub path: String,
    pub version: FileVersion,
    /// Bytes of the whole file.
    pub len: u64,
    /// Bytes of every chunk but the last.
    pub chunk_size: u64,
    /// Whether the server sends ranges of it.
    pub ranged: Cell<bool>,
    /// What the last requests for it found.
    pub obstacle: Cell<Option<Obstacle>>,
    key: FileKey,
    store: Rc<FallbackStore<S>>,
    /// SHA-256 of the chunks that are in the store.
    sums: RefCell<Vec<Option<String>>>,
    /// The SHA-256 that the whole must have, in hex, if known.
    expected_sha256: Option<String>,
    digest: Mutex<FileDigest>,
    is_finished: Cell<bool>,
}

/// Why the bytes of a response cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// They are of another version of the file.
    Changed,
    /// The server sent the file from its beginning instead of a range.
    Unranged,
}

/// SHA-256 of the chunks before `next`.
#[derive(Default)]
struct FileDigest {
    next: u64,
    digest: RunningDigest,
}

impl<S: ChunkStore> PartialFile<S> {
    /// Finds what earlier visits stored of the version that the server has now. Every chunk is read
    /// and checked; a damaged one counts as missing. A new file gets chunks of `chunk_size` bytes.
    pub async fn from_store(
        path: &str,
        key: FileKey,
        info: FileInfo,
        chunk_size: u64,
        store: &Rc<FallbackStore<S>>,
    ) -> Self {
        let FileInfo { version, ranged, total: len } = info;
        let stored = store.chunks(&key).await;
        let mut chunk_size = chunk_size;
        if let Some(index) = stored.first()
            && let Some(chunk) = store.chunk(&key, *index).await
        {
            chunk_size = chunk.size.max(1);
        }
        let expected_sha256 = match key.sha256.as_str() {
            "" => version.sha256.clone(),
            sha256 => Some(sha256.to_string()),
        };
        let this = PartialFile {
            path: path.to_string(),
            version,
            len,
            chunk_size,
            ranged: Cell::new(ranged),
            obstacle: Cell::new(None),
            key,
            store: Rc::clone(store),
            sums: RefCell::new((0..chunk_count(len, chunk_size)).map(|_| None).collect()),
            expected_sha256,
            digest: Mutex::default(),
            is_finished: Cell::new(false),
        };
        for index in stored {
            if let Some(chunk) = store.chunk(&this.key, index).await
                && chunk.size == chunk_size
                && chunk.len() == this.chunk_len(index)
                && chunk.version.has_chunks_of(&this.version)
                && chunk.is_intact().await
            {
                let start = index * chunk_size;
                store.reporter.report_received(path, start, chunk.len(), true);
                this.add(index, chunk).await;
            }
        }
        this
    }

    /// Starts again with the version that the server has now.
    pub async fn restart(self, info: FileInfo, chunk_size: u64) -> Self {
        if !self.version.has_chunks_of(&info.version) {
            self.store.remove(&self.key).await;
        }
        Self::from_store(&self.path, self.key, info, chunk_size, &self.store).await
    }

    pub fn chunk_len(&self, index: u64) -> u64 {
        chunk_len(index, self.len, self.chunk_size)
    }

    pub fn has(&self, index: u64) -> bool {
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        self.sums.borrow().get(index).is_some_and(Option::is_some)
    }

    /// Lists the missing chunks in file order.
    pub fn missing(&self) -> Vec<u64> {
        (0..chunk_count(self.len, self.chunk_size)).filter(|index| !self.has(*index)).collect()
    }

    /// Reports that the first `available` bytes of a chunk were received.
    pub fn report_received(&self, index: u64, available: u64) {
        let start = index * self.chunk_size;
        self.store.reporter.report_received(&self.path, start, available, false);
    }

    /// Stores a chunk.
    pub async fn store_chunk(&self, index: u64, bytes: S::Bytes) {
        let chunk = Chunk::new(bytes, self.chunk_size, &self.version).await;
        self.store.put_chunk(&self.key, index, &chunk).await;
        self.add(index, chunk).await;
    }

    async fn add(&self, index: u64, chunk: Chunk<S::Bytes>) {
        let Chunk { sha256, bytes, .. } = chunk;
        self.set_sum(index, Some(sha256));
        // If another chunk is being added to the digest, this one is read from the store
        // afterwards.
        if self.expected_sha256.is_some()
            && let Some(mut digest) = self.digest.try_lock()
        {
            self.extend_digest(&mut digest, Some((index, bytes))).await;
        }
    }

    fn set_sum(&self, index: u64, sum: Option<String>) {
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        if let Some(place) = self.sums.borrow_mut().get_mut(index) {
            *place = sum;
        }
    }

    /// Extends the digest up to the first missing chunk. `in_memory` need not be read.
    async fn extend_digest(&self, digest: &mut FileDigest, mut in_memory: Option<(u64, S::Bytes)>) {
        while self.has(digest.next) {
            let bytes = match in_memory.take() {
                Some((index, bytes)) if index == digest.next => bytes,
                other => {
                    in_memory = other;
                    match self.store.chunk(&self.key, digest.next).await {
                        Some(chunk) => chunk.bytes,
                        // Another tab has deleted it: it is missing again.
                        None => return self.set_sum(digest.next, None),
                    }
                }
            };
            digest.digest.update(&bytes);
            digest.next += 1;
        }
    }

    /// Checks the file if no chunk is missing, and stores its record.
    ///
    /// # Errors
    /// [`Error::CorruptWeights`] if it has not the expected digest, or is no safetensors file. Then
    /// nothing of it stays in the store.
    pub async fn finish<T: Transport<Bytes = S::Bytes>>(&self, http: &Http<T>) -> Result<()> {
        if !self.missing().is_empty() || self.is_finished.replace(true) {
            return Ok(());
        }
        let record = FileRecord {
            len: self.len,
            sums: self.sums.borrow().iter().flatten().cloned().collect(),
            chunk_size: self.chunk_size,
            validator: self.version.validator.clone(),
        };
        let checked = match &self.expected_sha256 {
            Some(expected) => {
                let mut digest = self.digest.lock().await;
                self.extend_digest(&mut digest, None).await;
                if !self.missing().is_empty() {
                    self.is_finished.set(false);
                    return Ok(());
                }
                self.check_digest(&mut digest, expected)
            }
            // Without a digest, the index must at least fit the file.
            None => {
                let key = self.key.clone();
                let file = CachedFile::new(&self.path, key, record.clone(), &self.store, http);
                read_index(&file, &self.path).await.map(drop)
            }
        };
        if let Err(error) = checked {
            self.store.remove(&self.key).await;
            return Err(error);
        }
        self.store.put(Table::Files, &self.key.file(), &record).await;
        Ok(())
    }

    fn check_digest(&self, digest: &mut FileDigest, expected: &str) -> Result<()> {
        let found = std::mem::take(&mut digest.digest).finish();
        if found == expected {
            return Ok(());
        }
        let reason = messages::wrong_digest(found, expected);
        Err(Error::CorruptWeights { path: self.path.clone(), reason })
    }
}
