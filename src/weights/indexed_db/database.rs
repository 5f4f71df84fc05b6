//! The browser's database, as futures.

use js_sys::{Array, Promise};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DomException, IdbDatabase, IdbFactory, IdbKeyRange, IdbObjectStore, IdbRequest, IdbTransaction,
    IdbTransactionMode, Window, WorkerGlobalScope,
};

use super::keys::Shelf;
use crate::error::{Error, Message, Result, messages};
use crate::weights::http::promise::{within, words};

const NAME: &str = "hearth";

/// 1: weight files in chunks of 4 MiB, and small files. 2: the library's entries; files say how long
/// their chunks are, and where they do not it is 4 MiB. What version 1 kept stays as it is.
const VERSION: u32 = 2;

/// A database that another tab is removing or upgrading does not answer at all.
const PATIENCE: u32 = 10_000;

/// An open database.
pub struct Database {
    database: IdbDatabase,
}

impl Database {
    /// Opens the database; makes it if it is not there, and upgrades it if it is of an older version.
    ///
    /// # Errors
    /// [`Error::Storage`] if there is none, or it is of a newer version: then it is left alone.
    pub async fn open() -> Result<Self> {
        match within(PATIENCE, Self::open_at_last()).await {
            Some(opened) => opened,
            None => Err(refused(messages::database_silent())),
        }
    }

    async fn open_at_last() -> Result<Self> {
        let request = factory()?.open_with_u32(NAME, VERSION).map_err(thrown)?;
        let opening = request.clone();
        // Given to JavaScript for good: it may be called after this future is gone.
        let upgrade = Closure::once_into_js(move || {
            if let Ok(database) = opening.result() {
                let database: IdbDatabase = database.unchecked_into();
                let there = database.object_store_names();
                for shelf in Shelf::ALL.map(Shelf::name) {
                    if !there.contains(shelf) {
                        // A failure ends the upgrade, and the request with an error.
                        let _ = database.create_object_store(shelf);
                    }
                }
            }
        });
        request.set_onupgradeneeded(Some(upgrade.unchecked_ref()));
        let finished = Promise::new(&mut |done, failed| {
            request.set_onblocked(Some(&failed));
            listen(&request, &done, &failed);
        });
        let database: IdbDatabase = result(&request, finished).await?.unchecked_into();

        // Another tab that wants to remove or upgrade the database must not wait for this one.
        let closing = database.clone();
        let give_way = Closure::once_into_js(move || closing.close());
        database.set_onversionchange(Some(give_way.unchecked_ref()));
        Ok(Database { database })
    }

    /// The value of `key`; undefined if there is none.
    pub async fn get(&self, store: &str, key: &JsValue) -> Result<JsValue> {
        self.ask(store, |store| store.get(key)).await
    }

    /// All keys in `range`, of those that are arrays of strings.
    pub async fn keys(&self, store: &str, range: &IdbKeyRange) -> Result<Vec<Vec<String>>> {
        let keys = self.ask(store, |store| store.get_all_keys_with_key(range)).await?;
        let strings = |key: JsValue| -> Option<Vec<String>> {
            key.dyn_into::<Array>().ok()?.iter().map(|part| part.as_string()).collect()
        };
        Ok(keys.unchecked_into::<Array>().iter().filter_map(strings).collect())
    }

    /// Puts one value, in a transaction of its own.
    pub async fn put(&self, store: &str, key: &JsValue, value: &JsValue) -> Result<()> {
        self.change(store, |store| store.put_with_key(value, key)).await
    }

    /// Removes all values with keys in `range`.
    pub async fn delete(&self, store: &str, range: &IdbKeyRange) -> Result<()> {
        self.change(store, |store| store.delete(range)).await
    }

    async fn ask(
        &self,
        store: &str,
        ask: impl FnOnce(&IdbObjectStore) -> Result<IdbRequest, JsValue>,
    ) -> Result<JsValue> {
        let transaction = self.database.transaction_with_str(store).map_err(thrown)?;
        let request =
            transaction.object_store(store).and_then(|store| ask(&store)).map_err(thrown)?;
        let finished = Promise::new(&mut |done, failed| listen(&request, &done, &failed));
        result(&request, finished).await
    }

    async fn change(
        &self,
        store: &str,
        change: impl FnOnce(&IdbObjectStore) -> Result<IdbRequest, JsValue>,
    ) -> Result<()> {
        let mode = IdbTransactionMode::Readwrite;
        let transaction =
            self.database.transaction_with_str_and_mode(store, mode).map_err(thrown)?;
        let committed = committed(&transaction);
        transaction.object_store(store).and_then(|store| change(&store)).map_err(thrown)?;
        // Only a committed transaction is on the disk: a full one shows here, not at the request.
        committed.await
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.database.close();
    }
}

fn factory() -> Result<IdbFactory> {
    let global = js_sys::global();
    let factory = match global.dyn_ref::<WorkerGlobalScope>() {
        Some(worker) => worker.indexed_db(),
        None => global.unchecked_ref::<Window>().indexed_db(),
    };
    factory.map_err(thrown)?.ok_or_else(|| refused(messages::no_database()))
}

/// The promise's own functions are the callbacks, so that nothing here has to outlive the event.
fn listen(request: &IdbRequest, done: &js_sys::Function, failed: &js_sys::Function) {
    request.set_onsuccess(Some(done));
    request.set_onerror(Some(failed));
}

async fn result(request: &IdbRequest, finished: Promise) -> Result<JsValue> {
    match JsFuture::from(finished).await {
        Ok(_) => request.result().map_err(thrown),
        Err(_) => Err(match request.error() {
            Ok(Some(error)) => thrown(error.into()),
            // There is no error yet while another tab blocks the request.
            _ => refused(messages::database_in_use()),
        }),
    }
}

fn committed(transaction: &IdbTransaction) -> impl Future<Output = Result<()>> {
    let finished = Promise::new(&mut |done, failed| {
        transaction.set_oncomplete(Some(&done));
        transaction.set_onabort(Some(&failed));
    });
    let finished = JsFuture::from(finished);
    let transaction = transaction.clone();
    async move {
        match finished.await {
            Ok(_) => Ok(()),
            Err(_) => Err(match transaction.error() {
                Some(error) => thrown(error.into()),
                None => refused(messages::write_given_up()),
            }),
        }
    }
}

fn thrown(value: JsValue) -> Error {
    match value.dyn_ref::<DomException>() {
        Some(exception) if exception.name() == "QuotaExceededError" => {
            storage(messages::store_full())
        }
        Some(exception) if exception.name() == "VersionError" => storage(messages::store_newer()),
        _ => refused(words(&value)),
    }
}

fn refused(reason: Message) -> Error {
    storage(messages::store_closed(reason))
}

fn storage(reason: Message) -> Error {
    Error::Storage { reason }
}
