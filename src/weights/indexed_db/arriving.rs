//! As much of a weight file as has arrived.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::lock::Mutex;
use js_sys::Uint8Array;

use super::chunk::{CHUNK, Chunk, count, len_of};
use super::digest::Running;
use super::file::{File, Record};
use super::keys::{FileKey, Shelf};
use super::store::Store;
use crate::error::{Error, Result, messages};
use crate::weights::http::{Http, Origin, Probe};
use crate::weights::safetensors::read_index;

/// A file on its way into the store, one version of it.
pub struct Arriving {
    pub path: String,
    pub origin: Origin,
    /// Bytes of the whole file.
    pub len: u64,
    /// Bytes of every chunk but the last.
    pub size: u64,
    /// Whether the server sends parts of it.
    pub ranged: Cell<bool>,
    /// What a request for a part of it met.
    pub trouble: Cell<Option<Trouble>>,
    key: FileKey,
    store: Rc<Store>,
    /// SHA-256 of the chunks that are in the store.
    sums: RefCell<Vec<Option<String>>>,
    /// The digest that the whole must have, in hex; nothing if nobody says it.
    wanted: Option<String>,
    whole: Mutex<Whole>,
    is_finished: Cell<bool>,
}

/// Why parts of a file could not be put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The server spoke of another version.
    Changed,
    /// The server sent the file from its beginning.
    Unranged,
}

/// SHA-256 of the chunks before `next`.
#[derive(Default)]
struct Whole {
    next: u64,
    digest: Running,
}

impl Arriving {
    /// Finds what an earlier visit has left of the version that the server has now. Every chunk is
    /// read and checked; a damaged one is missing.
    pub async fn from_store(path: &str, key: FileKey, probe: Probe, store: &Rc<Store>) -> Self {
        let Probe { origin, ranged, total } = probe;
        let there = store.chunks(&key).await;
        let mut size = CHUNK;
        if let Some(index) = there.first()
            && let Some(chunk) = store.chunk(&key, *index).await
        {
            size = chunk.size.max(1);
        }
        let wanted = match key.sha256.as_str() {
            "" => origin.sha256.clone(),
            sha256 => Some(sha256.to_string()),
        };
        let this = Arriving {
            path: path.to_string(),
            origin,
            len: total,
            size,
            ranged: Cell::new(ranged),
            trouble: Cell::new(None),
            key,
            store: Rc::clone(store),
            sums: RefCell::new((0..count(total, size)).map(|_| None).collect()),
            wanted,
            whole: Mutex::default(),
            is_finished: Cell::new(false),
        };
        for index in there {
            if let Some(chunk) = store.chunk(&this.key, index).await
                && chunk.size == size
                && chunk.len() == this.len_of(index)
                && chunk.origin.has_parts_of(&this.origin)
                && chunk.is_sound().await
            {
                store.listener.tell(path, index * size, chunk.len(), true);
                this.arrived(index, chunk).await;
            }
        }
        this
    }

    /// The file anew, in the version that the server has now.
    pub async fn anew(self, probe: Probe) -> Self {
        if !self.origin.has_parts_of(&probe.origin) {
            self.store.remove(&self.key).await;
        }
        Self::from_store(&self.path, self.key, probe, &self.store).await
    }

    pub fn len_of(&self, index: u64) -> u64 {
        len_of(index, self.len, self.size)
    }

    pub fn has(&self, index: u64) -> bool {
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        self.sums.borrow().get(index).is_some_and(Option::is_some)
    }

    /// The chunks that are not here, in file order.
    pub fn missing(&self) -> Vec<u64> {
        (0..count(self.len, self.size)).filter(|index| !self.has(*index)).collect()
    }

    /// So many bytes of a chunk are on their way.
    pub fn tell(&self, index: u64, here: u64) {
        self.store.listener.tell(&self.path, index * self.size, here, false);
    }

    /// Puts a chunk into the store.
    pub async fn keep(&self, index: u64, bytes: Uint8Array) {
        let chunk = Chunk::new(bytes, self.size, &self.origin).await;
        self.store.put_chunk(&self.key, index, &chunk).await;
        self.arrived(index, chunk).await;
    }

    async fn arrived(&self, index: u64, chunk: Chunk) {
        let Chunk { sum, bytes, .. } = chunk;
        if let Some(place) = self.sums.borrow_mut().get_mut(index as usize) {
            *place = Some(sum);
        }
        // Who digests another chunk just now will find this one in the store.
        if self.wanted.is_some()
            && let Some(mut whole) = self.whole.try_lock()
        {
            self.digest(&mut whole, Some((index, bytes))).await;
        }
    }

    /// Goes on with the digest as far as chunks are here.
    async fn digest(&self, whole: &mut Whole, mut at_hand: Option<(u64, Uint8Array)>) {
        while self.has(whole.next) {
            let bytes = match at_hand.take() {
                Some((index, bytes)) if index == whole.next => bytes,
                other => {
                    at_hand = other;
                    match self.store.chunk(&self.key, whole.next).await {
                        Some(chunk) => chunk.bytes,
                        // Another tab has removed it: it is missing again.
                        None => {
                            if let Some(sum) = self.sums.borrow_mut().get_mut(whole.next as usize) {
                                *sum = None;
                            }
                            return;
                        }
                    }
                }
            };
            whole.digest.update(&bytes);
            whole.next += 1;
        }
    }

    /// Checks the file once all of it is here, and writes down that it is.
    ///
    /// # Errors
    /// [`Error::CorruptWeights`] if it has not the wanted digest, or is no safetensors file. Then
    /// nothing of it stays in the store.
    pub async fn finish(&self, http: &Http) -> Result<()> {
        if !self.missing().is_empty() || self.is_finished.replace(true) {
            return Ok(());
        }
        let sums = self.sums.borrow().iter().flatten().cloned().collect();
        let version = self.origin.version.clone();
        let record = Record { len: self.len, sums, chunk: self.size, version };
        let checked = match &self.wanted {
            Some(wanted) => {
                let mut whole = self.whole.lock().await;
                self.digest(&mut whole, None).await;
                if !self.missing().is_empty() {
                    self.is_finished.set(false);
                    return Ok(());
                }
                self.check_digest(&mut whole, wanted)
            }
            // Without a digest, the least that can be asked: the index fits the file.
            None => {
                let key = self.key.clone();
                let file = File::new(&self.path, key, record.clone(), &self.store, http);
                read_index(&file, &self.path).await.map(drop)
            }
        };
        match checked {
            Ok(()) => self.store.put(Shelf::Files, &self.key.file(), &record).await,
            Err(error) => {
                self.store.remove(&self.key).await;
                return Err(error);
            }
        }
        Ok(())
    }

    fn check_digest(&self, whole: &mut Whole, wanted: &str) -> Result<()> {
        let found = std::mem::take(&mut whole.digest).finish();
        if found == wanted {
            return Ok(());
        }
        let reason = messages::wrong_digest(found, wanted);
        Err(Error::CorruptWeights { path: self.path.clone(), reason })
    }
}
