//! Shelves of values, in the browser's database as long as it takes them and otherwise in memory.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use js_sys::Array;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::{Serializer, from_value};
use wasm_bindgen::JsValue;
use web_sys::IdbKeyRange;

use super::database::Database;
use crate::error::{Error, Result};

/// What the listener hears.
#[derive(Debug, Clone, PartialEq)]
pub enum Transfer {
    /// Bytes of a weight file are here. Every byte of a file is told once.
    Received {
        /// Path inside the checkpoint.
        path: String,
        /// How many more.
        bytes: u64,
        /// Whether they come from the store.
        cached: bool,
    },
    /// The browser does not keep what arrives from now on. Told once.
    NotKept {
        /// Why; [`Error::Storage`].
        error: Error,
    },
}

/// A kind of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shelf {
    /// One value per complete weight file, by [`FileKey::file`].
    Files,
    /// Its parts, by [`FileKey::chunk`].
    Chunks,
    /// Small files, by address.
    Small,
}

const STORES: &[&str] = &["files", "chunks", "small"];

impl Shelf {
    fn name(self) -> &'static str {
        match self {
            Shelf::Files => "files",
            Shelf::Chunks => "chunks",
            Shelf::Small => "small",
        }
    }
}

/// A weight file and its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileKey {
    url: String,
    /// In hex; empty if not known.
    pub sha256: String,
}

impl FileKey {
    pub fn new(url: String, sha256: String) -> Self {
        FileKey { url, sha256 }
    }

    pub fn file(&self) -> [&str; 2] {
        [&self.url, &self.sha256]
    }

    pub fn chunk<'a>(&'a self, index: &'a str) -> [&'a str; 3] {
        [&self.url, &self.sha256, index]
    }
}

/// The shelves. Nothing here fails: what cannot be kept is told to the listener, what cannot be read
/// is not there.
pub struct Store {
    database: Option<Database>,
    /// Whether the browser still takes values.
    takes: Cell<bool>,
    /// What it did not take. The values are JavaScript's, outside the memory of this program.
    memory: RefCell<BTreeMap<(Shelf, Vec<String>), JsValue>>,
    listener: Rc<dyn Fn(Transfer)>,
}

impl Store {
    pub async fn open(listener: Rc<dyn Fn(Transfer)>) -> Self {
        let (database, error) = match Database::open(STORES).await {
            Ok(database) => (Some(database), None),
            Err(error) => (None, Some(error)),
        };
        let store =
            Store { database, takes: Cell::new(true), memory: RefCell::default(), listener };
        if let Some(error) = error {
            store.refuse(error);
        }
        store
    }

    pub async fn get<T: DeserializeOwned>(&self, shelf: Shelf, key: &[&str]) -> Option<T> {
        let spare = self.memory.borrow().get(&(shelf, owned(key))).cloned();
        let value = match (spare, &self.database) {
            (Some(value), _) => value,
            (None, Some(database)) => database.get(shelf.name(), &array(key)).await.ok()?,
            (None, None) => return None,
        };
        from_value(value).ok()
    }

    pub async fn put<T: Serialize>(&self, shelf: Shelf, key: &[&str], value: &T) {
        let value = match value.serialize(&Serializer::new()) {
            Ok(value) => value,
            Err(error) => return self.refuse(Error::Storage { reason: error.to_string() }),
        };
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

    /// Removes a file and its chunks.
    pub async fn remove(&self, key: &FileKey) {
        let prefix = key.file();
        self.forget(|kept| kept.iter().take(2).eq(&prefix));
        self.delete(IdbKeyRange::bound(&array(&prefix), &beyond(&prefix))).await;
    }

    /// Removes all other versions of a file.
    pub async fn remove_other_versions(&self, key: &FileKey) {
        let (url, version) = ([key.url.as_str()], key.file());
        self.forget(|kept| kept.first() == Some(&key.url) && kept.get(1) != Some(&key.sha256));
        self.delete(IdbKeyRange::bound_with_lower_open_and_upper_open(
            &array(&url),
            &array(&version),
            false,
            true,
        ))
        .await;
        self.delete(IdbKeyRange::bound(&beyond(&version), &beyond(&url))).await;
    }

    /// Whether any complete weight file has an address under `folder`.
    pub async fn has_files_under(&self, folder: &str) -> bool {
        let in_folder = |(shelf, key): &(Shelf, Vec<String>)| {
            *shelf == Shelf::Files && key.first().is_some_and(|url| url.starts_with(folder))
        };
        if self.memory.borrow().keys().any(in_folder) {
            return true;
        }
        let Some(database) = &self.database else { return false };
        // No address has a character above the last one of the basic plane.
        let last = format!("{folder}/\u{ffff}");
        let Ok(range) = IdbKeyRange::bound(&array(&[folder]), &array(&[&last])) else {
            return false;
        };
        database.first_key(Shelf::Files.name(), &range).await.is_ok_and(|key| !key.is_undefined())
    }

    pub fn received(&self, path: &str, bytes: u64, cached: bool) {
        (self.listener)(Transfer::Received { path: path.to_string(), bytes, cached });
    }

    fn refuse(&self, error: Error) {
        if self.takes.replace(false) {
            (self.listener)(Transfer::NotKept { error });
        }
    }

    fn forget(&self, unwanted: impl Fn(&[String]) -> bool) {
        self.memory.borrow_mut().retain(|(shelf, key), _| *shelf == Shelf::Small || !unwanted(key));
    }

    /// What cannot be removed does no harm: no key leads to it, or it is overwritten.
    async fn delete(&self, range: Result<IdbKeyRange, JsValue>) {
        let (Some(database), Ok(range)) = (&self.database, range) else { return };
        for shelf in [Shelf::Files, Shelf::Chunks] {
            let _ = database.delete(shelf.name(), &range).await;
        }
    }
}

fn array(key: &[&str]) -> Array {
    key.iter().map(|part| JsValue::from_str(part)).collect()
}

/// The end of all keys that begin with `prefix`: an array comes after every string.
fn beyond(prefix: &[&str]) -> Array {
    let end = array(prefix);
    end.push(&Array::new());
    end
}

fn owned(key: &[&str]) -> Vec<String> {
    key.iter().map(|part| part.to_string()).collect()
}
