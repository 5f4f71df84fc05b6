//! Shelves of values, in the browser's database as long as it takes them and otherwise in memory.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::{Serializer, from_value};
use wasm_bindgen::JsValue;

use super::chunk::Chunk;
use super::database::Database;
use super::keys::{FileKey, Range, Shelf, array};
use super::listener::Listener;
use crate::error::{Error, Message, messages};

/// The shelves. Nothing here fails: what cannot be kept is told to the listener, what cannot be read
/// is not there.
pub struct Store {
    database: Option<Database>,
    /// Whether the browser still takes values.
    takes: Cell<bool>,
    /// What it did not take. The values are JavaScript's, outside the memory of this program.
    memory: RefCell<BTreeMap<(Shelf, Vec<String>), JsValue>>,
    pub listener: Listener,
}

impl Store {
    pub async fn open(listener: Listener) -> Rc<Self> {
        let (database, error) = match Database::open().await {
            Ok(database) => (Some(database), None),
            Err(error) => (None, Some(error)),
        };
        let store =
            Store { database, takes: Cell::new(true), memory: RefCell::default(), listener };
        if let Some(error) = error {
            store.refuse(error);
        }
        Rc::new(store)
    }

    /// Whether the browser keeps what is put here.
    pub fn keeps(&self) -> bool {
        self.takes.get()
    }

    pub async fn get<T: DeserializeOwned>(&self, shelf: Shelf, key: &[&str]) -> Option<T> {
        from_value(self.value(shelf, key).await?).ok()
    }

    pub async fn put<T: Serialize>(&self, shelf: Shelf, key: &[&str], value: &T) {
        match value.serialize(&Serializer::new()) {
            Ok(value) => self.put_value(shelf, key, value).await,
            Err(error) => self.refuse(Error::Storage { reason: Message::verbatim(error) }),
        }
    }

    /// A chunk, whether it is sound or not.
    pub async fn chunk(&self, key: &FileKey, index: u64) -> Option<Chunk> {
        let value = self.value(Shelf::Chunks, &key.chunk(&index.to_string())).await?;
        Chunk::from_js(&value)
    }

    pub async fn put_chunk(&self, key: &FileKey, index: u64, chunk: &Chunk) {
        match chunk.to_js() {
            Some(value) => {
                self.put_value(Shelf::Chunks, &key.chunk(&index.to_string()), value).await;
            }
            None => self.refuse(Error::Storage { reason: messages::chunk_not_storable() }),
        }
    }

    /// Which chunks of a file are here, without reading them.
    pub async fn chunks(&self, key: &FileKey) -> BTreeSet<u64> {
        let keys = self.keys(Shelf::Chunks, &Range::below(&key.file())).await;
        keys.iter().filter_map(|key| key.get(2)?.parse().ok()).collect()
    }

    /// Removes a file and its chunks.
    pub async fn remove(&self, key: &FileKey) {
        self.delete(&Range::below(&key.file())).await;
    }

    /// Removes all other versions of a file.
    pub async fn remove_other_versions(&self, key: &FileKey) {
        for range in Range::all_but(&key.url, &key.file()) {
            self.delete(&range).await;
        }
    }

    /// Whether any complete weight file has an address that begins with `folder`.
    pub async fn has_files_under(&self, folder: &str) -> bool {
        !self.keys(Shelf::Files, &Range::addresses(folder)).await.is_empty()
    }

    async fn value(&self, shelf: Shelf, key: &[&str]) -> Option<JsValue> {
        let spare = self.memory.borrow().get(&(shelf, owned(key))).cloned();
        let value = match (spare, &self.database) {
            (Some(value), _) => value,
            (None, Some(database)) => database.get(shelf.name(), &array(key)).await.ok()?,
            (None, None) => return None,
        };
        (!value.is_undefined()).then_some(value)
    }

    async fn put_value(&self, shelf: Shelf, key: &[&str], value: JsValue) {
        if let Some(database) = self.database.as_ref().filter(|_| self.takes.get()) {
            match database.put(shelf.name(), &array(key), &value).await {
                Ok(()) => {
                    self.memory.borrow_mut().remove(&(shelf, owned(key)));
                    return;
                }
                Err(error) => self.refuse(error),
            }
        }
        self.memory.borrow_mut().insert((shelf, owned(key)), value);
    }

    async fn keys(&self, shelf: Shelf, range: &Range) -> BTreeSet<Vec<String>> {
        let mut keys = BTreeSet::new();
        if let (Some(database), Some(range)) = (&self.database, range.to_js()) {
            keys.extend(database.keys(shelf.name(), &range).await.unwrap_or_default());
        }
        let memory = self.memory.borrow();
        let spare = memory.keys().filter(|(on, key)| *on == shelf && range.contains(key));
        keys.extend(spare.map(|(_, key)| key.clone()));
        keys
    }

    fn refuse(&self, error: Error) {
        self.takes.set(false);
        self.listener.not_kept(error);
    }

    /// What cannot be removed does no harm: no key leads to it, or it is overwritten.
    async fn delete(&self, range: &Range) {
        self.memory
            .borrow_mut()
            .retain(|(shelf, key), _| !Shelf::OF_FILES.contains(shelf) || !range.contains(key));
        let (Some(database), Some(range)) = (&self.database, range.to_js()) else { return };
        for shelf in Shelf::OF_FILES {
            let _ = database.delete(shelf.name(), &range).await;
        }
    }
}

fn owned(key: &[&str]) -> Vec<String> {
    key.iter().map(|part| part.to_string()).collect()
}
