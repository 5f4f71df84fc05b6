//! A weight file that is wholly in the store, in chunks.

use std::cell::RefCell;
use std::collections::HashSet;
use std::ops::Range;
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::store::{FileKey, Shelf, Store};
use crate::error::{Error, Result};
use crate::weights::http::{Http, Origin};
use crate::weights::source::Source;

/// Bytes of every chunk but the last: few transactions, and never much in memory.
pub const CHUNK: usize = 4 << 20;

/// What the store knows of a complete file. It is written last, so it also says that the file is
/// complete.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    /// Bytes.
    pub len: u64,
    /// SHA-256 of every chunk, in hex.
    pub sums: Vec<String>,
}

/// One chunk in the store.
#[derive(Serialize, Deserialize)]
pub struct Chunk {
    /// SHA-256, in hex.
    pub sum: String,
    /// Which file it is from; what goes on with this chunk must be from the same.
    pub origin: Origin,
    /// The bytes.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
}

impl Chunk {
    pub fn new(bytes: Vec<u8>, origin: &Origin) -> Self {
        Chunk { sum: sum(&bytes), origin: origin.clone(), bytes }
    }

    pub fn is_sound(&self) -> bool {
        sum(&self.bytes) == self.sum
    }
}

/// A weight file that is wholly in the store.
pub struct File {
    path: String,
    key: FileKey,
    record: Record,
    store: Rc<Store>,
    http: Http,
    /// The chunks whose sums were checked, and whose bytes were told, in this visit.
    checked: RefCell<HashSet<usize>>,
    /// The chunk read last: the next tensor is mostly in the same.
    last: RefCell<Option<(usize, Rc<Vec<u8>>)>>,
}

impl File {
    /// A file from an earlier visit.
    pub fn from_store(
        path: &str,
        key: FileKey,
        record: Record,
        store: &Rc<Store>,
        http: &Http,
    ) -> Self {
        File {
            path: path.to_string(),
            key,
            record,
            store: Rc::clone(store),
            http: http.clone(),
            checked: RefCell::default(),
            last: RefCell::default(),
        }
    }

    /// A file that has just arrived, so that nothing needs to be checked.
    pub fn arrived(
        path: &str,
        key: FileKey,
        record: Record,
        store: &Rc<Store>,
        http: &Http,
    ) -> Self {
        let checked = (0..record.sums.len()).collect();
        File { checked: RefCell::new(checked), ..Self::from_store(path, key, record, store, http) }
    }

    async fn chunk(&self, index: usize) -> Result<Rc<Vec<u8>>> {
        if let Some((last, bytes)) = self.last.borrow().as_ref()
            && *last == index
        {
            return Ok(Rc::clone(bytes));
        }
        // Before the next one comes, so that there are never two.
        self.last.replace(None);
        let is_checked = self.checked.borrow().contains(&index);
        let kept: Option<Chunk> =
            self.store.get(Shelf::Chunks, &self.key.chunk(&index.to_string())).await;
        let sound = kept.filter(|chunk| is_checked || sum(&chunk.bytes) == self.sum_of(index));
        let cached = sound.is_some();
        let bytes = match sound {
            Some(chunk) => chunk.bytes,
            None => self.fetch_again(index).await?,
        };
        if self.checked.borrow_mut().insert(index) {
            self.store.received(&self.path, bytes.len() as u64, cached);
        }
        let bytes = Rc::new(bytes);
        self.last.replace(Some((index, Rc::clone(&bytes))));
        Ok(bytes)
    }

    /// Replaces a chunk that is damaged or was removed by the browser.
    async fn fetch_again(&self, index: usize) -> Result<Vec<u8>> {
        let start = (index * CHUNK) as u64;
        let end = self.record.len.min(start + CHUNK as u64);
        let bytes = self.http.read(&self.path, start..end).await?;
        let chunk =
            Chunk::new(bytes, &Origin { total: Some(self.record.len), ..Origin::default() });
        if chunk.sum != self.sum_of(index) {
            self.store.remove(&self.key).await;
            return Err(Error::CorruptWeights {
                path: self.path.clone(),
                reason: "the browser's copy was damaged, and the server has another file now"
                    .to_string(),
            });
        }
        self.store.put(Shelf::Chunks, &self.key.chunk(&index.to_string()), &chunk).await;
        Ok(chunk.bytes)
    }

    fn sum_of(&self, index: usize) -> &str {
        self.record.sums.get(index).map_or("", String::as_str)
    }
}

impl Source for File {
    fn place(&self) -> String {
        self.http.place()
    }

    async fn len(&self, _path: &str) -> Result<Option<u64>> {
        Ok(Some(self.record.len))
    }

    async fn read(&self, _path: &str, range: Range<u64>) -> Result<Vec<u8>> {
        if range.end > self.record.len {
            return Err(Error::CorruptWeights {
                path: self.path.clone(),
                reason: format!("it ends before byte {}", range.end),
            });
        }
        let mut bytes = Vec::with_capacity(offset(range.end.saturating_sub(range.start)));
        let mut position = range.start;
        while position < range.end {
            let index = position / CHUNK as u64;
            let start = index * CHUNK as u64;
            let chunk = self.chunk(offset(index)).await?;
            let wanted = offset(position - start)..offset(range.end - start).min(chunk.len());
            let part = chunk.get(wanted).filter(|part| !part.is_empty()).ok_or_else(|| {
                Error::CorruptWeights {
                    path: self.path.clone(),
                    reason: format!("byte {position} is missing in the browser's copy"),
                }
            })?;
            bytes.extend_from_slice(part);
            position += part.len() as u64;
        }
        Ok(bytes)
    }
}

/// What is held in memory fits into an address; the rest is never asked for.
fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

fn sum(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
