//! The browser's database of pictures, as futures. It is apart from that of models, which belongs to
//! the engine: the page's own program is built without it.

use js_sys::{Array, Promise};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DomException, IdbDatabase, IdbRequest, IdbTransaction, IdbTransactionMode};

use crate::app::dom::window;
use crate::error::{Message, messages};

const NAME: &str = "hearth-results";

/// 1: entries, and what belongs to each, by the same key.
const VERSION: u32 = 1;

/// A shelf of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    /// [`super::Entry`]; small, all of them are read at once.
    Entries,
    /// Files and what they were made from.
    Files,
}

impl Shelf {
    const ALL: [Shelf; 2] = [Shelf::Entries, Shelf::Files];

    fn name(self) -> &'static str {
        match self {
            Shelf::Entries => "entries",
            Shelf::Files => "files",
        }
    }
}

/// Why the browser does not keep pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// There is no room.
    Full,
    /// A newer version of this page has written the database.
    Newer,
    /// For another reason.
    Otherwise(Message),
}

/// An open database. It is opened for each use: one that stays open can be closed by the browser at
/// any time, as when the user clears away what pages keep.
pub struct Database {
    database: IdbDatabase,
}

impl Database {
    /// Opens the database; makes it if it is not there.
    pub async fn open() -> Result<Self, Refused> {
        let window = window().map_err(|error| Refused::Otherwise(error.message()))?;
        let factory = window.indexed_db().map_err(thrown)?;
        let factory = factory.ok_or_else(|| Refused::Otherwise(messages::no_database()))?;
        let request = factory.open_with_u32(NAME, VERSION).map_err(thrown)?;
        let opening = request.clone();
        // Given to JavaScript for good: it may be called after this future is gone.
        let upgrade = Closure::once_into_js(move || {
            if let Ok(database) = opening.result() {
                let database: IdbDatabase = database.unchecked_into();
                for shelf in Shelf::ALL {
                    // A failure ends the upgrade, and the request with an error.
                    let _ = database.create_object_store(shelf.name());
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

    /// All values, in the order of their keys.
    pub async fn all(&self, shelf: Shelf) -> Result<Vec<JsValue>, Refused> {
        let request = self.reading(shelf, |store| store.get_all())?;
        let values = Promise::new(&mut |done, failed| listen(&request, &done, &failed));
        let values = result(&request, values).await?;
        Ok(values.dyn_into::<Array>().map(|values| values.to_vec()).unwrap_or_default())
    }

    /// The value of a key; undefined if there is none.
    pub async fn get(&self, shelf: Shelf, key: &str) -> Result<JsValue, Refused> {
        let request = self.reading(shelf, |store| store.get(&key.into()))?;
        let value = Promise::new(&mut |done, failed| listen(&request, &done, &failed));
        result(&request, value).await
    }

    /// Puts one value on each shelf, both or neither.
    pub async fn put(&self, key: &str, entry: &JsValue, file: &JsValue) -> Result<(), Refused> {
        self.change(|transaction| {
            for (shelf, value) in [(Shelf::Entries, entry), (Shelf::Files, file)] {
                transaction.object_store(shelf.name())?.put_with_key(value, &key.into())?;
            }
            Ok(())
        })
        .await
    }

    /// Removes values from both shelves; without keys, all of them.
    pub async fn remove(&self, keys: Option<&[String]>) -> Result<(), Refused> {
        self.change(|transaction| {
            for shelf in Shelf::ALL {
                let store = transaction.object_store(shelf.name())?;
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
        shelf: Shelf,
        ask: impl FnOnce(&web_sys::IdbObjectStore) -> Result<IdbRequest, JsValue>,
    ) -> Result<IdbRequest, Refused> {
        let transaction = self.database.transaction_with_str(shelf.name()).map_err(thrown)?;
        transaction.object_store(shelf.name()).and_then(|store| ask(&store)).map_err(thrown)
    }

    async fn change(
        &self,
        change: impl FnOnce(&IdbTransaction) -> Result<(), JsValue>,
    ) -> Result<(), Refused> {
        let shelves: Array = Shelf::ALL.iter().map(|shelf| JsValue::from(shelf.name())).collect();
        let mode = IdbTransactionMode::Readwrite;
        let transaction =
            self.database.transaction_with_str_sequence_and_mode(&shelves, mode).map_err(thrown)?;
        // Only a committed transaction is on the disk: a full one shows here, not at the request.
        let committed = Promise::new(&mut |done, failed| {
            transaction.set_oncomplete(Some(&done));
            transaction.set_onabort(Some(&failed));
        });
        let changed = change(&transaction);
        if changed.is_err() {
            // What was put before must not stay alone.
            let _ = transaction.abort();
        }
        let committed = JsFuture::from(committed).await;
        changed.map_err(thrown)?;
        match committed {
            Ok(_) => Ok(()),
            Err(_) => Err(match transaction.error() {
                Some(error) => thrown(error.into()),
                None => Refused::Otherwise(messages::write_given_up()),
            }),
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.database.close();
    }
}

/// The promise's own functions are the callbacks, so that nothing here has to outlive the event.
fn listen(request: &IdbRequest, done: &js_sys::Function, failed: &js_sys::Function) {
    request.set_onsuccess(Some(done));
    request.set_onerror(Some(failed));
}

async fn result(request: &IdbRequest, finished: Promise) -> Result<JsValue, Refused> {
    match JsFuture::from(finished).await {
        Ok(_) => request.result().map_err(thrown),
        Err(_) => Err(match request.error() {
            Ok(Some(error)) => thrown(error.into()),
            // There is no error yet while another tab blocks the request.
            _ => Refused::Otherwise(messages::database_in_use()),
        }),
    }
}

fn thrown(value: JsValue) -> Refused {
    match value.dyn_ref::<DomException>() {
        Some(exception) => match exception.name().as_str() {
            "QuotaExceededError" => Refused::Full,
            "VersionError" => Refused::Newer,
            name => {
                Refused::Otherwise(Message::verbatim(format!("{name}: {}", exception.message())))
            }
        },
        None => Refused::Otherwise(Message::verbatim(format!("{value:?}"))),
    }
}
