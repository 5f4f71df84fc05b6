//! Store that continues in memory once the browser refuses to keep values.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;

use super::chunk::Chunk;
use super::chunk_store::{ChunkStore, Value};
use super::keys::{FileKey, KeyRange, Table};
use super::memory::Memory;
use super::transfer::TransferReporter;
use crate::error::{Error, Result};

/// A store whose methods do not fail: a value that cannot be written is kept in memory until the
/// visit ends, and the failure is reported once; a value that cannot be read does not exist.
pub struct FallbackStore<S: ChunkStore> {
    store: Option<S>,
    /// Whether the store still accepts values.
    accepts: Cell<bool>,
    memory: Memory,
    pub reporter: TransferReporter,
}

impl<S: ChunkStore> FallbackStore<S> {
    pub fn new(store: Result<S>, reporter: TransferReporter) -> Rc<Self> {
        let (store, error) = match store {
            Ok(store) => (Some(store), None),
            Err(error) => (None, Some(error)),
        };
        let memory = Memory::default();
        let this = FallbackStore { store, accepts: Cell::new(true), memory, reporter };
        if let Some(error) = error {
            this.refuse(error);
        }
        Rc::new(this)
    }

    pub async fn get<V: Value>(&self, table: Table, key: &[&str]) -> Option<V> {
        if let Some(value) = self.memory.get(table, key) {
            return Some(value);
        }
        self.store.as_ref()?.get(table, key).await.ok()?
    }

    pub async fn put<V: Value>(&self, table: Table, key: &[&str], value: &V) {
        let stored = match self.accepting() {
            Some(store) => Some(store.put(table, key, value).await),
            None => None,
        };
        self.keep_unless(stored, table, key, value);
    }

    /// Reads a chunk, intact or not.
    pub async fn chunk(&self, key: &FileKey, index: u64) -> Option<Chunk<S::Bytes>> {
        if let Some(chunk) = self.memory.get(Table::Chunks, &key.chunk(&index.to_string())) {
            return Some(chunk);
        }
        self.store.as_ref()?.get_chunk(key, index).await.ok()?
    }

    pub async fn put_chunk(&self, key: &FileKey, index: u64, chunk: &Chunk<S::Bytes>) {
        let stored = match self.accepting() {
            Some(store) => Some(store.put_chunk(key, index, chunk).await),
            None => None,
        };
        self.keep_unless(stored, Table::Chunks, &key.chunk(&index.to_string()), chunk);
    }

    /// Keeps a value in memory, unless it is `stored`.
    fn keep_unless<V: Clone + 'static>(
        &self,
        stored: Option<Result<()>>,
        table: Table,
        key: &[&str],
        value: &V,
    ) {
        match stored {
            Some(Ok(())) => return self.memory.remove(table, key),
            Some(Err(error)) => self.refuse(error),
            None => {}
        }
        self.memory.put(table, key, value.clone());
    }

    /// Lists the stored chunks of a file without reading them.
    pub async fn chunks(&self, key: &FileKey) -> BTreeSet<u64> {
        let keys = self.keys(Table::Chunks, &KeyRange::with_prefix(&key.file())).await;
        keys.iter().filter_map(|key| key.get(2)?.parse().ok()).collect()
    }

    /// Deletes a file: its record and its chunks.
    pub async fn remove(&self, key: &FileKey) {
        self.delete(&KeyRange::with_prefix(&key.file())).await;
    }

    /// Deletes all other versions of a file.
    pub async fn remove_other_versions(&self, key: &FileKey) {
        for range in KeyRange::other_versions(key) {
            self.delete(&range).await;
        }
    }

    /// Whether there is a complete weight file whose address begins with `folder`.
    pub async fn has_files_under(&self, folder: &str) -> bool {
        !self.keys(Table::Files, &KeyRange::of_addresses(folder)).await.is_empty()
    }

    /// Waits for a lock that one tab at a time can hold; `None` if this tab's values are in memory,
    /// where no other tab sees them.
    pub async fn lock(&self, name: &str) -> Option<S::Lock> {
        Some(self.accepting()?.lock(name).await)
    }

    /// Whether another tab would see what is stored.
    pub fn is_shared(&self) -> bool {
        self.accepting().is_some()
    }

    fn accepting(&self) -> Option<&S> {
        self.store.as_ref().filter(|_| self.accepts.get())
    }

    async fn keys(&self, table: Table, range: &KeyRange) -> BTreeSet<Vec<String>> {
        let mut keys: BTreeSet<_> = self.memory.keys(table, range).into_iter().collect();
        if let Some(store) = &self.store {
            keys.extend(store.keys(table, range).await.unwrap_or_default());
        }
        keys
    }

    fn refuse(&self, error: Error) {
        self.accepts.set(false);
        self.reporter.report_not_kept(error);
    }

    /// A value that cannot be deleted does no harm: no record leads to it, or it is overwritten.
    async fn delete(&self, range: &KeyRange) {
        for table in Table::WEIGHTS {
            self.memory.delete(table, range);
            if let Some(store) = &self.store {
                let _ = store.delete(table, range).await;
            }
        }
    }
}
