//! What is kept from visit to visit, and how much of it.

use js_sys::{Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use super::bounds::to_go;
use super::database::{Database, Refused, Shelf};
use super::entry::Entry;
use crate::app::message::{from_js, to_js};

/// What belongs to an entry.
#[derive(Clone)]
pub struct Record {
    /// The PNG file.
    pub png: Uint8Array,
    /// The picture it was made from, as JavaScript has it; undefined if there was none.
    pub start: JsValue,
}

impl Record {
    /// Made by hand: a serializer would copy the bytes.
    fn to_js(&self) -> JsValue {
        let value = Object::new();
        // A new object takes any property.
        let _ = Reflect::set(&value, &"png".into(), &self.png);
        let _ = Reflect::set(&value, &"start".into(), &self.start);
        value.into()
    }

    fn from_js(value: &JsValue) -> Option<Self> {
        let object = value.dyn_ref::<Object>()?;
        let png = Reflect::get(object, &"png".into()).ok()?.dyn_into().ok()?;
        let start = Reflect::get(object, &"start".into()).unwrap_or_default();
        Some(Record { png, start })
    }
}

/// All entries, the newest first. What a newer version of the page has written otherwise is left alone.
pub async fn list() -> Result<Vec<Entry>, Refused> {
    let values = Database::open().await?.all(Shelf::Entries).await?;
    Ok(values.into_iter().rev().filter_map(|value| from_js(value).ok()).collect())
}

/// What belongs to an entry; `None` if it is gone.
pub async fn read(key: &str) -> Result<Option<Record>, Refused> {
    let value = Database::open().await?.get(Shelf::Files, key).await?;
    Ok(Record::from_js(&value))
}

/// Keeps a picture; says which older ones had to go for it.
pub async fn keep(entry: &Entry, record: &Record) -> Result<Vec<String>, Refused> {
    let value = to_js(entry).map_err(|error| Refused::Otherwise(error.message()))?;
    let database = Database::open().await?;
    database.put(&entry.key, &value, &record.to_js()).await?;
    // Also those that other tabs have put there.
    let entries = list().await?.into_iter().map(|entry| (entry.key, entry.bytes));
    let old = to_go(&entries.collect::<Vec<_>>(), &entry.key);
    if !old.is_empty() {
        database.remove(Some(&old)).await?;
    }
    Ok(old)
}

/// Removes a picture.
pub async fn remove(key: &str) -> Result<(), Refused> {
    Database::open().await?.remove(Some(&[key.to_string()])).await
}

/// Removes all pictures.
pub async fn clear() -> Result<(), Refused> {
    Database::open().await?.remove(None).await
}
