//! Complete weight file in the store.

use std::cell::RefCell;
use std::collections::{HashSet, VecDeque};
use std::ops::Range;
use std::pin::Pin;
use std::rc::Rc;

use futures::future::{LocalBoxFuture, MaybeDone, maybe_done};
use futures::{FutureExt, poll};
use serde::{Deserialize, Serialize};

use super::chunk::{Chunk, chunk_count, chunk_len};
use super::chunk_store::ChunkStore;
use super::fallback_store::FallbackStore;
use super::keys::FileKey;
use crate::error::{Error, Message, Result, messages};
use crate::weights::bytes::Bytes;
use crate::weights::http::{FileVersion, Http, Transport};
use crate::weights::source::Source;

/// Record of a complete file. It is written after all chunks, so its presence says that the file is
/// complete.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Bytes of the file.
    pub len: u64,
    /// SHA-256 of every chunk in hex.
    pub sums: Vec<String>,
    /// Bytes of every chunk but the last.
    #[serde(rename = "chunk")]
    pub chunk_size: u64,
    /// `ETag` or `Last-Modified`; empty if the server sent neither.
    #[serde(rename = "version")]
    pub validator: String,
}

impl FileRecord {
    /// Whether a chunk has the length and the checksum of the file's chunk `index`. Its bytes are not
    /// checked.
    pub fn expects<B: Bytes>(&self, index: u64, chunk: &Chunk<B>) -> bool {
        chunk.len() == self.chunk_len(index) && chunk.sha256 == self.sha256(index)
    }

    /// Returns the SHA-256 of a chunk; empty for one that the file does not have.
    fn sha256(&self, index: u64) -> &str {
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        self.sums.get(index).map_or("", String::as_str)
    }

    /// Returns the length of a chunk.
    pub fn chunk_len(&self, index: u64) -> u64 {
        chunk_len(index, self.len, self.chunk_size)
    }
}

/// Chunks that stay in memory, for each file that is being read.
const RECENT_CHUNKS: usize = 3;

/// A chunk that is being read from the store.
type Reading<B> = MaybeDone<LocalBoxFuture<'static, Option<Chunk<B>>>>;

/// A complete weight file in the store.
pub struct CachedFile<T: Transport, S: ChunkStore> {
    path: String,
    key: FileKey,
    pub record: FileRecord,
    store: Rc<FallbackStore<S>>,
    http: Http<T>,
    /// The chunks read last, the latest first: the next tensor is mostly in one of them.
    recent: RefCell<VecDeque<(u64, S::Bytes)>>,
    /// The chunk after the one that was read last, if the file is read in order.
    next: RefCell<Option<(u64, Reading<S::Bytes>)>>,
    /// Chunks whose checksums were compared in this visit: they are read again when adapters change.
    checked: RefCell<HashSet<u64>>,
}

impl<T: Transport, S: ChunkStore<Bytes = T::Bytes>> CachedFile<T, S> {
    pub fn new(
        path: &str,
        key: FileKey,
        record: FileRecord,
        store: &Rc<FallbackStore<S>>,
        http: &Http<T>,
    ) -> Self {
        CachedFile {
            path: path.to_string(),
            key,
            record,
            store: Rc::clone(store),
            http: http.clone(),
            recent: RefCell::default(),
            next: RefCell::default(),
            checked: RefCell::default(),
        }
    }

    /// Returns an intact chunk, and reports it.
    async fn chunk(&self, index: u64) -> Result<S::Bytes> {
        let recent = self.recent.borrow().iter().find(|(of, _)| *of == index).cloned();
        let (bytes, cached) = match recent {
            Some((_, bytes)) => (bytes, true),
            None => self.read_chunk(index).await?,
        };
        let start = index * self.record.chunk_size;
        self.store.reporter.report_received(&self.path, start, bytes.len() as u64, cached);
        Ok(bytes)
    }

    /// Returns a chunk and whether it comes from the store.
    async fn read_chunk(&self, index: u64) -> Result<(S::Bytes, bool)> {
        let (bytes, cached) = match self.stored(index).await {
            Some(bytes) => (bytes, true),
            None => (self.download_again(index).await?, false),
        };
        let mut recent = self.recent.borrow_mut();
        recent.push_front((index, bytes.clone()));
        recent.truncate(RECENT_CHUNKS);
        Ok((bytes, cached))
    }

    async fn stored(&self, index: u64) -> Option<S::Bytes> {
        let begun = self.next.borrow_mut().take().filter(|(of, _)| *of == index);
        let mut reading = begun.map_or_else(|| self.begin(index), |(_, reading)| reading);
        (&mut reading).await;
        let chunk = Pin::new(&mut reading).take_output()??;
        self.read_ahead(index).await;
        if !self.record.expects(index, &chunk) {
            return None;
        }
        if !self.checked.borrow().contains(&index) {
            if !chunk.is_intact().await {
                return None;
            }
            self.checked.borrow_mut().insert(index);
        }
        Some(chunk.bytes)
    }

    fn begin(&self, index: u64) -> Reading<S::Bytes> {
        let (store, key) = (Rc::clone(&self.store), self.key.clone());
        maybe_done(async move { store.chunk(&key, index).await }.boxed_local())
    }

    /// Lets the store read the chunk after `index` while that one is used, if the file is read in order.
    async fn read_ahead(&self, index: u64) {
        let before = self.recent.borrow().front().map(|(before, _)| before + 1);
        let count = chunk_count(self.record.len, self.record.chunk_size);
        if before == Some(index) && index + 1 < count {
            let mut reading = self.begin(index + 1);
            // The first poll makes the request; the answer waits until it is wanted.
            let _ = poll!(&mut reading);
            self.next.replace(Some((index + 1, reading)));
        }
    }

    /// Replaces a chunk that is damaged or was removed by the browser.
    async fn download_again(&self, index: u64) -> Result<S::Bytes> {
        let FileRecord { len, chunk_size, validator, .. } = &self.record;
        let start = index * chunk_size;
        let range = start..start + self.record.chunk_len(index);
        let bytes = self.http.bytes(&self.path, range).await?;
        let version = FileVersion { total: Some(*len), validator: validator.clone(), sha256: None };
        let chunk = Chunk::new(bytes, *chunk_size, &version).await;
        if chunk.sha256 != self.record.sha256(index) {
            // Either the transfer or the file on the server is at fault. Only in the second case
            // are the other chunks useless.
            let reason = match self.http.file_info(&self.path).await? {
                Some(info) if !validator.is_empty() && info.version.agrees(&version) => {
                    messages::copy_and_server_damaged()
                }
                _ => {
                    self.store.remove(&self.key).await;
                    messages::copy_damaged_server_changed()
                }
            };
            return Err(self.corrupt(reason));
        }
        self.store.put_chunk(&self.key, index, &chunk).await;
        Ok(chunk.bytes)
    }

    fn corrupt(&self, reason: Message) -> Error {
        Error::CorruptWeights { path: self.path.clone(), reason }
    }
}

impl<T: Transport, S: ChunkStore<Bytes = T::Bytes>> Source for CachedFile<T, S> {
    fn place(&self) -> String {
        self.http.place()
    }

    async fn len(&self, _path: &str) -> Result<Option<u64>> {
        Ok(Some(self.record.len))
    }

    async fn read(&self, _path: &str, range: Range<u64>) -> Result<Vec<u8>> {
        if range.end > self.record.len {
            return Err(self.corrupt(messages::ends_before(range.end)));
        }
        let size = self.record.chunk_size;
        let mut bytes = vec![0; to_usize(range.end.saturating_sub(range.start))];
        let mut rest = bytes.as_mut_slice();
        let mut position = range.start;
        while !rest.is_empty() {
            let chunk = self.chunk(position / size).await?;
            let from = to_usize(position % size);
            let count = (chunk.len() - from).min(rest.len());
            let (now, later) = rest.split_at_mut(count);
            chunk.slice(from..from + count).copy_to(now);
            rest = later;
            position += count as u64;
        }
        Ok(bytes)
    }
}

/// Lengths of what is held in memory fit into `usize`.
fn to_usize(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}
