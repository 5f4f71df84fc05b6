//! Store in memory that several tabs share and that fails on request.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use futures::lock::{Mutex, OwnedMutexGuard};
use hearth::error::Message;
use hearth::weights::bytes::Bytes;
use hearth::weights::cache::{Chunk, ChunkStore, FileKey, KeyRange, Memory, Table, Value};
use hearth::{Error, Result};

use crate::buffer::Buffer;
use crate::time::VirtualTime;

/// The store. Copies are the same store, as seen by another tab.
#[derive(Clone)]
pub struct Store {
    state: Rc<State>,
}

struct State {
    time: VirtualTime,
    tables: Memory,
    locks: RefCell<HashMap<String, Arc<Mutex<()>>>>,
    /// Writes that succeed before all fail.
    writes_left: Cell<usize>,
    /// Bytes of chunks that it has room for.
    room: Cell<usize>,
    chunk_writes: Cell<usize>,
}

impl Store {
    pub fn new(time: &VirtualTime) -> Self {
        Store {
            state: Rc::new(State {
                time: time.clone(),
                tables: Memory::default(),
                locks: RefCell::default(),
                writes_left: Cell::new(usize::MAX),
                room: Cell::new(usize::MAX),
                chunk_writes: Cell::default(),
            }),
        }
    }

    /// Writes fail after so many.
    pub fn fail_after_writes(&self, writes: usize) {
        self.state.writes_left.set(writes);
    }

    /// Chunks fail once they have so many bytes.
    pub fn set_room(&self, bytes: usize) {
        self.state.room.set(bytes);
    }

    /// The chunks that were written since the last call.
    pub fn count_chunk_writes(&self) -> usize {
        self.state.chunk_writes.take()
    }

    /// Changes the bytes of a stored chunk.
    pub fn damage(&self, key: &FileKey, index: u64) {
        let index = index.to_string();
        let key = key.chunk(&index);
        let mut chunk: Chunk<Buffer> =
            self.state.tables.get(Table::Chunks, &key).expect("there is no such chunk");
        let mut bytes = chunk.bytes.contents();
        bytes[0] ^= 0xff;
        chunk.bytes = Buffer::new(&bytes);
        self.state.tables.put(Table::Chunks, &key, chunk);
    }

    /// Removes a chunk, as a browser that needs room does.
    pub fn lose(&self, key: &FileKey, index: u64) {
        self.state.tables.remove(Table::Chunks, &key.chunk(&index.to_string()));
    }

    /// The indices of the stored chunks of a file, whatever their version.
    pub fn chunks(&self, url: &str) -> Vec<u64> {
        let keys = self.state.tables.keys(Table::Chunks, &KeyRange::with_prefix(&[url]));
        let mut indices: Vec<u64> = keys.iter().map(|key| key[2].parse().unwrap()).collect();
        indices.sort_unstable();
        indices
    }

    /// The bytes of a stored chunk, and its checksum.
    pub fn chunk(&self, key: &FileKey, index: u64) -> Option<(Vec<u8>, String)> {
        let chunk: Chunk<Buffer> =
            self.state.tables.get(Table::Chunks, &key.chunk(&index.to_string()))?;
        Some((chunk.bytes.contents(), chunk.sha256))
    }

    /// Whether there is a record that says that a file is complete.
    pub fn is_complete(&self, url: &str) -> bool {
        !self.state.tables.keys(Table::Files, &KeyRange::with_prefix(&[url])).is_empty()
    }

    /// A transaction takes a moment, and may be committed before or after its program is ended.
    async fn write(&self, write: impl FnOnce() -> Result<()>) -> Result<()> {
        self.state.time.sleep(Duration::from_millis(2)).await;
        let left = self.state.writes_left.get();
        if left == 0 {
            return Err(Error::Storage { reason: Message::verbatim("the disk is broken") });
        }
        self.state.writes_left.set(left - 1);
        let written = write();
        self.state.time.sleep(Duration::from_millis(2)).await;
        written
    }
}

impl ChunkStore for Store {
    type Bytes = Buffer;
    type Lock = OwnedMutexGuard<()>;

    async fn get<V: Value>(&self, table: Table, key: &[&str]) -> Result<Option<V>> {
        self.state.time.sleep(Duration::from_millis(1)).await;
        let json: Option<String> = self.state.tables.get(table, key);
        Ok(json.and_then(|json| serde_json::from_str(&json).ok()))
    }

    async fn put<V: Value>(&self, table: Table, key: &[&str], value: &V) -> Result<()> {
        self.write(|| {
            self.state.tables.put(table, key, serde_json::to_string(value).unwrap());
            Ok(())
        })
        .await
    }

    async fn get_chunk(&self, key: &FileKey, index: u64) -> Result<Option<Chunk<Buffer>>> {
        self.state.time.sleep(Duration::from_millis(1)).await;
        let chunk: Option<Chunk<Buffer>> =
            self.state.tables.get(Table::Chunks, &key.chunk(&index.to_string()));
        Ok(chunk.map(copied))
    }

    async fn put_chunk(&self, key: &FileKey, index: u64, chunk: &Chunk<Buffer>) -> Result<()> {
        self.write(|| {
            let room = self.state.room.get().checked_sub(chunk.bytes.len());
            let room =
                room.ok_or(Error::Storage { reason: Message::verbatim("the disk is full") })?;
            self.state.room.set(room);
            self.state.chunk_writes.set(self.state.chunk_writes.get() + 1);
            let (key, copy) =
                (key.chunk(&index.to_string()).map(str::to_string), copied(chunk.clone()));
            let key = [key[0].as_str(), key[1].as_str(), key[2].as_str()];
            self.state.tables.put(Table::Chunks, &key, copy);
            Ok(())
        })
        .await
    }

    async fn keys(&self, table: Table, range: &KeyRange) -> Result<Vec<Vec<String>>> {
        self.state.time.sleep(Duration::from_millis(1)).await;
        Ok(self.state.tables.keys(table, range))
    }

    async fn delete(&self, table: Table, range: &KeyRange) -> Result<()> {
        self.write(|| {
            self.state.tables.delete(table, range);
            Ok(())
        })
        .await
    }

    async fn lock(&self, name: &str) -> OwnedMutexGuard<()> {
        let lock = Arc::clone(self.state.locks.borrow_mut().entry(name.to_string()).or_default());
        lock.lock_owned().await
    }
}

/// A store copies what it is given.
fn copied(chunk: Chunk<Buffer>) -> Chunk<Buffer> {
    Chunk { bytes: Buffer::new(&chunk.bytes.contents()), ..chunk }
}
