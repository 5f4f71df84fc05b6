//! A weight file that is wholly in the store, in chunks.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::Range;
use std::rc::Rc;

use js_sys::Uint8Array;
use serde::{Deserialize, Serialize};

use super::chunk::{Chunk, FIRST_CHUNK, len_of};
use super::keys::FileKey;
use super::store::Store;
use crate::error::{Error, Message, Result, messages};
use crate::weights::http::{Http, Origin};
use crate::weights::source::Source;

/// What the store knows of a complete file. It is written last, so it also says that the file is
/// complete.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    /// Bytes.
    pub len: u64,
    /// SHA-256 of every chunk, in hex.
    pub sums: Vec<String>,
    /// Bytes of every chunk but the last.
    #[serde(default = "first_chunk")]
    pub chunk: u64,
    /// The server's mark of this version of the file, or nothing.
    #[serde(default)]
    pub version: String,
}

fn first_chunk() -> u64 {
    FIRST_CHUNK
}

impl Record {
    /// SHA-256 of a chunk; nothing for one that the file does not have.
    pub fn sum(&self, index: u64) -> &str {
        usize::try_from(index)
            .ok()
            .and_then(|index| self.sums.get(index))
            .map_or("", String::as_str)
    }

    /// Bytes of a chunk.
    pub fn len_of(&self, index: u64) -> u64 {
        len_of(index, self.len, self.chunk)
    }
}

/// Chunks in JavaScript's memory for each file that is being read.
const AT_HAND: usize = 3;

/// A weight file that is wholly in the store.
pub struct File {
    path: String,
    key: FileKey,
    pub record: Record,
    store: Rc<Store>,
    http: Http,
    /// The chunks read last, the latest first: the next tensor is mostly in one of them.
    latest: RefCell<VecDeque<(u64, Uint8Array)>>,
}

impl File {
    pub fn new(path: &str, key: FileKey, record: Record, store: &Rc<Store>, http: &Http) -> Self {
        File {
            path: path.to_string(),
            key,
            record,
            store: Rc::clone(store),
            http: http.clone(),
            latest: RefCell::default(),
        }
    }

    /// A chunk whose sum is right.
    async fn chunk(&self, index: u64) -> Result<Uint8Array> {
        let at_hand = self.latest.borrow().iter().find(|(at, _)| *at == index).cloned();
        let (bytes, cached) = match at_hand {
            Some((_, bytes)) => (bytes, true),
            None => self.bring(index).await?,
        };
        let here = u64::from(bytes.length());
        self.store.listener.tell(&self.path, index * self.record.chunk, here, cached);
        Ok(bytes)
    }

    /// A chunk, and whether it comes from the store.
    async fn bring(&self, index: u64) -> Result<(Uint8Array, bool)> {
        let (bytes, cached) = match self.kept(index).await {
            Some(bytes) => (bytes, true),
            None => (self.fetch_again(index).await?, false),
        };
        let mut latest = self.latest.borrow_mut();
        latest.push_front((index, bytes.clone()));
        latest.truncate(AT_HAND);
        Ok((bytes, cached))
    }

    async fn kept(&self, index: u64) -> Option<Uint8Array> {
        let chunk = self.store.chunk(&self.key, index).await?;
        let is_the_one = chunk.len() == self.record.len_of(index)
            && chunk.sum == self.record.sum(index)
            && chunk.is_sound().await;
        is_the_one.then_some(chunk.bytes)
    }

    /// Replaces a chunk that is damaged or was removed by the browser.
    async fn fetch_again(&self, index: u64) -> Result<Uint8Array> {
        let Record { len, chunk: size, version, .. } = &self.record;
        let start = index * size;
        let bytes = self.http.bytes(&self.path, start..start + self.record.len_of(index)).await?;
        let origin = Origin { total: Some(*len), version: version.clone(), sha256: None };
        let chunk = Chunk::new(bytes, *size, &origin).await;
        if chunk.sum != self.record.sum(index) {
            // On its way, or on the server? Only in the second case is the rest of no use.
            let fault = match self.http.probe(&self.path).await? {
                Some(probe) if !version.is_empty() && probe.origin.agrees(&origin) => {
                    messages::copy_and_server_damaged()
                }
                _ => {
                    self.store.remove(&self.key).await;
                    messages::copy_damaged_server_changed()
                }
            };
            return Err(self.corrupt(fault));
        }
        self.store.put_chunk(&self.key, index, &chunk).await;
        Ok(chunk.bytes)
    }

    fn corrupt(&self, reason: Message) -> Error {
        Error::CorruptWeights { path: self.path.clone(), reason }
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
            return Err(self.corrupt(messages::ends_before(range.end)));
        }
        let size = self.record.chunk;
        let mut bytes = vec![0; offset(range.end.saturating_sub(range.start))];
        let mut rest = bytes.as_mut_slice();
        let mut position = range.start;
        while !rest.is_empty() {
            let chunk = self.chunk(position / size).await?;
            let from = position % size;
            let count = offset(self.record.len_of(position / size) - from).min(rest.len());
            let (now, later) = rest.split_at_mut(count);
            let from = from as u32; // Chunks are shorter than 4 GiB.
            chunk.subarray(from, from + count as u32).copy_to(now);
            rest = later;
            position += count as u64;
        }
        Ok(bytes)
    }
}

/// What is held in memory fits into an address; the rest is never asked for.
fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}
