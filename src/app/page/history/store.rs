//! Operations on stored images.

use js_sys::{Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use super::database::{Database, ObjectStore, StoreError};
use super::entry::Entry;
use super::eviction::keys_to_evict;
use crate::app::message::{from_js, to_js};

/// The files of an entry.
#[derive(Clone)]
pub struct StoredFiles {
    /// The PNG file.
    pub png: Uint8Array,
    /// The init image in its storage format; undefined if there was none.
    pub start: JsValue,
}

impl StoredFiles {
    /// Converts without serde, which would copy the bytes.
    fn to_js(&self) -> JsValue {
        let value = Object::new();
        // Setting a property of a new object cannot fail.
        let _ = Reflect::set(&value, &"png".into(), &self.png);
        let _ = Reflect::set(&value, &"start".into(), &self.start);
        value.into()
    }

    fn from_js(value: &JsValue) -> Option<Self> {
        let object = value.dyn_ref::<Object>()?;
        let png = Reflect::get(object, &"png".into()).ok()?.dyn_into().ok()?;
        let start = Reflect::get(object, &"start".into()).unwrap_or_default();
        Some(StoredFiles { png, start })
    }
}

/// Returns all entries, newest first. Entries that a newer version of the page has written are
/// skipped.
pub async fn list() -> Result<Vec<Entry>, StoreError> {
    let values = Database::open().await?.all(ObjectStore::Entries).await?;
    Ok(values.into_iter().rev().filter_map(|value| from_js(value).ok()).collect())
}

/// Reads the files of an entry; `None` if it was removed.
pub async fn read(key: &str) -> Result<Option<StoredFiles>, StoreError> {
    let value = Database::open().await?.get(ObjectStore::Files, key).await?;
    Ok(StoredFiles::from_js(&value))
}

/// Saves an image. Returns the keys of older images that were removed for it.
pub async fn save(entry: &Entry, files: &StoredFiles) -> Result<Vec<String>, StoreError> {
    let value = to_js(entry).map_err(|error| StoreError::Other(error.message()))?;
    let database = Database::open().await?;
    database.put(&entry.key, &value, &files.to_js()).await?;
    // Includes images of other tabs.
    let entries = list().await?.into_iter().map(|entry| (entry.key, entry.bytes));
    let old = keys_to_evict(&entries.collect::<Vec<_>>(), &entry.key);
    if !old.is_empty() {
        database.remove(Some(&old)).await?;
    }
    Ok(old)
}

/// Removes an image.
pub async fn remove(key: &str) -> Result<(), StoreError> {
    Database::open().await?.remove(Some(&[key.to_string()])).await
}

/// Removes all images.
pub async fn clear() -> Result<(), StoreError> {
    Database::open().await?.remove(None).await
}
