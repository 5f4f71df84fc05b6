//! Store in the browser's IndexedDB.

use std::cell::Cell;
use std::time::Duration;

use js_sys::{Array, Object, Promise, Reflect, Uint8Array};
use serde_wasm_bindgen::{Serializer, from_value, to_value};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, DomException, IdbDatabase, IdbFactory, IdbKeyRange, IdbObjectStore, IdbRequest,
    IdbTransaction, IdbTransactionMode, Window, WorkerGlobalScope,
};

use super::fetch::Fetch;
use super::promise::text_of;
use super::reflect::property;
use super::web_lock::WebLock;
use crate::error::{Error, Message, Result, messages};
use crate::weights::cache::{Chunk, ChunkStore, FileKey, KeyRange, KeyRangeEnd, Table, Value};
use crate::weights::http::Clock;

const NAME: &str = "hearth";

/// Version of the object stores and their values.
const VERSION: u32 = 2;

/// A database that another tab is deleting or upgrading does not answer at all.
const OPEN_TIMEOUT: Duration = Duration::from_secs(10);

/// An open database with an object store per [`Table`].
pub struct IndexedDb {
    database: IdbDatabase,
    /// Whether it accepts blobs, as far as is known: private windows of some browsers do not.
    takes_blobs: Cell<bool>,
}

impl IndexedDb {
    /// Opens the database, or creates it.
    ///
    /// # Errors
    /// [`Error::Storage`] if the browser refuses, or the database is of a newer version: then it
    /// stays as it is.
    pub async fn open() -> Result<Self> {
        match Fetch.timeout(OPEN_TIMEOUT, Self::open_without_timeout()).await {
            Some(opened) => opened,
            None => Err(refused(messages::database_silent())),
        }
    }

    async fn open_without_timeout() -> Result<Self> {
        let request = factory()?.open_with_u32(NAME, VERSION).map_err(thrown)?;
        let opening = request.clone();
        // Owned by JavaScript: it may be called after this future is dropped.
        let create = Closure::once_into_js(move || {
            if let Ok(database) = opening.result() {
                let database: IdbDatabase = database.unchecked_into();
                for table in Table::ALL {
                    // A failure ends the upgrade, and the request with an error.
                    let _ = database.create_object_store(table.name());
                }
            }
        });
        request.set_onupgradeneeded(Some(create.unchecked_ref()));
        let finished = Promise::new(&mut |done, failed| {
            request.set_onblocked(Some(&failed));
            listen(&request, &done, &failed);
        });
        let database: IdbDatabase = result(&request, finished).await?.unchecked_into();

        // Another tab that wants to delete or upgrade the database must not wait for this one.
        let closing = database.clone();
        let close = Closure::once_into_js(move || closing.close());
        database.set_onversionchange(Some(close.unchecked_ref()));
        Ok(IndexedDb { database, takes_blobs: Cell::new(true) })
    }

    async fn read(
        &self,
        table: Table,
        read: impl FnOnce(&IdbObjectStore) -> Result<IdbRequest, JsValue>,
    ) -> Result<JsValue> {
        let transaction = self.database.transaction_with_str(table.name()).map_err(thrown)?;
        let store = transaction.object_store(table.name());
        let request = store.and_then(|store| read(&store)).map_err(thrown)?;
        let finished = Promise::new(&mut |done, failed| listen(&request, &done, &failed));
        result(&request, finished).await
    }

    async fn write(
        &self,
        table: Table,
        write: impl FnOnce(&IdbObjectStore) -> Result<IdbRequest, JsValue>,
    ) -> Result<()> {
        let mode = IdbTransactionMode::Readwrite;
        let transaction =
            self.database.transaction_with_str_and_mode(table.name(), mode).map_err(thrown)?;
        let committed = committed(&transaction);
        let store = transaction.object_store(table.name());
        store.and_then(|store| write(&store)).map_err(thrown)?;
        // Only a committed transaction is on the disk: a full disk fails here, not at the request.
        committed.await
    }

    async fn put_js(&self, table: Table, key: &[&str], value: &JsValue) -> Result<()> {
        self.write(table, |store| store.put_with_key(value, &js_key(key))).await
    }
}

impl ChunkStore for IndexedDb {
    type Bytes = Uint8Array;
    type Lock = WebLock;

    async fn get<V: Value>(&self, table: Table, key: &[&str]) -> Result<Option<V>> {
        let value = self.read(table, |store| store.get(&js_key(key))).await?;
        Ok(from_value(value).ok())
    }

    async fn put<V: Value>(&self, table: Table, key: &[&str], value: &V) -> Result<()> {
        let value = value.serialize(&Serializer::new());
        let value = value.map_err(|error| storage(Message::verbatim(error)))?;
        self.put_js(table, key, &value).await
    }

    async fn get_chunk(&self, key: &FileKey, index: u64) -> Result<Option<Chunk<Uint8Array>>> {
        let key = js_key(&key.chunk(&index.to_string()));
        let value = self.read(Table::Chunks, |store| store.get(&key)).await?;
        Ok(chunk_from_js(&value).await)
    }

    async fn put_chunk(&self, key: &FileKey, index: u64, chunk: &Chunk<Uint8Array>) -> Result<()> {
        let index = index.to_string();
        let put = async |bytes: JsValue| {
            let value = chunk_to_js(chunk, &bytes);
            let value = value.ok_or_else(|| storage(messages::chunk_not_storable()))?;
            self.put_js(Table::Chunks, &key.chunk(&index), &value).await
        };
        if self.takes_blobs.get()
            && let Ok(blob) = Blob::new_with_u8_array_sequence(&Array::of1(&chunk.bytes))
        {
            match put(blob.into()).await {
                Err(error) if !is_full(&error) => self.takes_blobs.set(false),
                done => return done,
            }
        }
        put(chunk.bytes.clone().into()).await
    }

    async fn keys(&self, table: Table, range: &KeyRange) -> Result<Vec<Vec<String>>> {
        let range = js_range(range).map_err(thrown)?;
        let keys = self.read(table, |store| store.get_all_keys_with_key(&range)).await?;
        let strings = |key: JsValue| -> Option<Vec<String>> {
            key.dyn_into::<Array>().ok()?.iter().map(|part| part.as_string()).collect()
        };
        Ok(keys.unchecked_into::<Array>().iter().filter_map(strings).collect())
    }

    async fn delete(&self, table: Table, range: &KeyRange) -> Result<()> {
        let range = js_range(range).map_err(thrown)?;
        self.write(table, |store| store.delete(&range)).await
    }

    async fn lock(&self, name: &str) -> WebLock {
        WebLock::acquire(name).await
    }
}

impl Drop for IndexedDb {
    fn drop(&mut self) {
        self.database.close();
    }
}

fn js_key<K: AsRef<str>>(key: &[K]) -> Array {
    key.iter().map(|part| JsValue::from_str(part.as_ref())).collect()
}

fn js_range(range: &KeyRange) -> Result<IdbKeyRange, JsValue> {
    let start = js_key(&range.start);
    match &range.end {
        KeyRangeEnd::Before(end) => {
            IdbKeyRange::bound_with_lower_open_and_upper_open(&start, &js_key(end), false, true)
        }
        KeyRangeEnd::AfterPrefix(prefix) => {
            let end = js_key(prefix);
            end.push(&Array::new()); // An array comes after every string.
            IdbKeyRange::bound(&start, &end)
        }
    }
}

/// Builds a chunk's value by hand: a serializer would copy the bytes. `bytes`: a blob, which the browser reads
/// in another thread and twice as fast, or an array.
fn chunk_to_js(chunk: &Chunk<Uint8Array>, bytes: &JsValue) -> Option<JsValue> {
    let value = Object::new();
    for (name, part) in [
        ("sum", JsValue::from_str(&chunk.sha256)),
        ("origin", to_value(&chunk.version).ok()?),
        ("size", JsValue::from_f64(chunk.size as f64)),
        ("bytes", bytes.clone()),
    ] {
        Reflect::set(&value, &JsValue::from_str(name), &part).ok()?;
    }
    Some(value.into())
}

/// Returns `None` if the value is no chunk, or its blob cannot be read any more.
async fn chunk_from_js(value: &JsValue) -> Option<Chunk<Uint8Array>> {
    let bytes = property(value, "bytes")?;
    Some(Chunk {
        sha256: property(value, "sum")?.as_string()?,
        version: from_value(property(value, "origin")?).ok()?,
        size: property(value, "size")?.as_f64()? as u64,
        bytes: match bytes.dyn_ref::<Blob>() {
            Some(blob) => Uint8Array::new(&JsFuture::from(blob.array_buffer()).await.ok()?),
            // Earlier releases stored arrays, and browsers may refuse blobs.
            None => bytes.dyn_into().ok()?,
        },
    })
}

fn factory() -> Result<IdbFactory> {
    let global = js_sys::global();
    let factory = match global.dyn_ref::<WorkerGlobalScope>() {
        Some(worker) => worker.indexed_db(),
        None => global.unchecked_ref::<Window>().indexed_db(),
    };
    factory.map_err(thrown)?.ok_or_else(|| refused(messages::no_database()))
}

/// Makes the promise's functions the callbacks, so that nothing here has to outlive the event.
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

fn thrown(exception: JsValue) -> Error {
    match exception.dyn_ref::<DomException>() {
        Some(exception) if exception.name() == "QuotaExceededError" => {
            storage(messages::store_full())
        }
        Some(exception) if exception.name() == "VersionError" => storage(messages::store_newer()),
        _ => refused(text_of(&exception)),
    }
}

fn is_full(error: &Error) -> bool {
    matches!(error, Error::Storage { reason } if *reason == messages::store_full())
}

fn refused(reason: Message) -> Error {
    storage(messages::store_closed(reason))
}

fn storage(reason: Message) -> Error {
    Error::Storage { reason }
}
