//! IndexedDB database of images.
//!
//! It is separate from the database of models, because the page's program is built without that
//! code.

use js_sys::{Array, Promise};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DomException, IdbDatabase, IdbRequest, IdbTransaction, IdbTransactionMode};

use crate::app::dom::window;
use crate::error::{Message, messages};

const NAME: &str = "hearth-results";

/// Version 1: entries and files under the same keys.
const VERSION: u32 = 1;

/// An object store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectStore {
    /// [`super::Entry`] values; they are small and are all read at once.
    Entries,
    /// Image files and their init images.
    Files,
}

impl ObjectStore {
    const ALL: [ObjectStore; 2] = [ObjectStore::Entries, ObjectStore::Files];

    fn name(self) -> &'static str {
        match self {
            ObjectStore::Entries => "entries",
            ObjectStore::Files => "files",
        }
    }
}

/// Reasons why the database cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreError {
    /// The disk or quota is full.
    Full,
    /// A newer version of this page has upgraded the database.
    NewerVersion,
    /// Another reason.
    Other(Message),
}

/// An open database. It is opened for each use, because the browser can close it at any time, for
/// instance when the user clears the site's data.
pub struct Database {
    database: IdbDatabase,
}

impl Database {
    /// Opens the database; creates it if it does not exist.
    pub async fn open() -> Result<Self, StoreError> {
        let window = window().map_err(|error| StoreError::Other(error.message()))?;
        let factory = window.indexed_db().map_err(thrown)?;
        let factory = factory.ok_or_else(|| StoreError::Other(messages::no_database()))?;
        let request = factory.open_with_u32(NAME, VERSION).map_err(thrown)?;
        let opening = request.clone();
        // Owned by JavaScript: it may be called after this future is dropped.
        let upgrade = Closure::once_into_js(move || {
            if let Ok(database) = opening.result() {
                let database: IdbDatabase = database.unchecked_into();
                for store_name in ObjectStore::ALL {
                    // A failure aborts the upgrade, and the request fails.
                    let _ = database.create_object_store(store_name.name());
                }
            }
        });
        request.set_onupgradeneeded(Some(upgrade.unchecked_ref()));
        let finished = Promise::new(&mut |done, failed| {
            request.set_onblocked(Some(&failed));
            listen(&request, &done, &failed);
        });
        let database = result(&request, finished).await?.unchecked_into();
        Ok(Database { database })
    }

    /// Returns all values in the order of their keys.
    pub async fn all(&self, store_name: ObjectStore) -> Result<Vec<JsValue>, StoreError> {
        let request = self.reading(store_name, |store| store.get_all())?;
        let values = Promise::new(&mut |done, failed| listen(&request, &done, &failed));
        let values = result(&request, values).await?;
        Ok(values.dyn_into::<Array>().map(|values| values.to_vec()).unwrap_or_default())
    }

    /// Returns the value of a key; undefined if there is none.
    pub async fn get(&self, store_name: ObjectStore, key: &str) -> Result<JsValue, StoreError> {
        let request = self.reading(store_name, |store| store.get(&key.into()))?;
        let value = Promise::new(&mut |done, failed| listen(&request, &done, &failed));
        result(&request, value).await
    }

    /// Writes one value to each store in one transaction.
    pub async fn put(&self, key: &str, entry: &JsValue, file: &JsValue) -> Result<(), StoreError> {
        self.change(|transaction| {
            for (store_name, value) in [(ObjectStore::Entries, entry), (ObjectStore::Files, file)] {
                transaction.object_store(store_name.name())?.put_with_key(value, &key.into())?;
            }
            Ok(())
        })
        .await
    }

    /// Removes values from both stores; all if `keys` is `None`.
    pub async fn remove(&self, keys: Option<&[String]>) -> Result<(), StoreError> {
        self.change(|transaction| {
            for store_name in ObjectStore::ALL {
                let store = transaction.object_store(store_name.name())?;
                match keys {
                    Some(keys) => {
                        for key in keys {
                            store.delete(&key.into())?;
                        }
                    }
                    None => {
                        store.clear()?;
                    }
                }
            }
            Ok(())
        })
        .await
    }

    fn reading(
        &self,
        store_name: ObjectStore,
        request: impl FnOnce(&web_sys::IdbObjectStore) -> Result<IdbRequest, JsValue>,
    ) -> Result<IdbRequest, StoreError> {
        let transaction = self.database.transaction_with_str(store_name.name()).map_err(thrown)?;
        transaction
            .object_store(store_name.name())
            .and_then(|store| request(&store))
            .map_err(thrown)
    }

    async fn change(
        &self,
        change: impl FnOnce(&IdbTransaction) -> Result<(), JsValue>,
    ) -> Result<(), StoreError> {
        let store_names: Array =
            ObjectStore::ALL.iter().map(|store_name| JsValue::from(store_name.name())).collect();
        let mode = IdbTransactionMode::Readwrite;
        let transaction = self
            .database
            .transaction_with_str_sequence_and_mode(&store_names, mode)
            .map_err(thrown)?;
        // Data is on disk only after the commit: a full disk is reported here, not by the request.
        let committed = Promise::new(&mut |done, failed| {
            transaction.set_oncomplete(Some(&done));
            transaction.set_onabort(Some(&failed));
        });
        let changed = change(&transaction);
        if changed.is_err() {
            // Undo the writes that succeeded.
            let _ = transaction.abort();
        }
        let committed = JsFuture::from(committed).await;
        changed.map_err(thrown)?;
        match committed {
            Ok(_) => Ok(()),
            Err(_) => Err(match transaction.error() {
                Some(error) => thrown(error.into()),
                None => StoreError::Other(messages::write_given_up()),
            }),
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.database.close();
    }
}

/// Sets the promise's functions as event handlers, so that no closure has to outlive the event.
fn listen(request: &IdbRequest, done: &js_sys::Function, failed: &js_sys::Function) {
    request.set_onsuccess(Some(done));
    request.set_onerror(Some(failed));
}

async fn result(request: &IdbRequest, finished: Promise) -> Result<JsValue, StoreError> {
    match JsFuture::from(finished).await {
        Ok(_) => request.result().map_err(thrown),
        Err(_) => Err(match request.error() {
            Ok(Some(error)) => thrown(error.into()),
            // The request has no error while another tab blocks it.
            _ => StoreError::Other(messages::database_in_use()),
        }),
    }
}

fn thrown(value: JsValue) -> StoreError {
    match value.dyn_ref::<DomException>() {
        Some(exception) => match exception.name().as_str() {
            "QuotaExceededError" => StoreError::Full,
            "VersionError" => StoreError::NewerVersion,
            name => {
                StoreError::Other(Message::verbatim(format!("{name}: {}", exception.message())))
            }
        },
        None => StoreError::Other(Message::verbatim(format!("{value:?}"))),
    }
}
