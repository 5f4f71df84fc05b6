//! Browser's side of the weights: requests, storage, locks and picked files.

mod blobs;
mod estimate;
mod fetch;
mod indexed_db;
mod js_bytes;
mod promise;
mod reflect;
mod web_lock;

use std::rc::Rc;

pub use self::blobs::Blobs;
pub use self::estimate::{Estimate, estimate};
pub use self::fetch::{Fetch, set_hub_token};
pub use self::indexed_db::IndexedDb;
pub use self::promise::sleep;
pub use self::web_lock::WebLock;
use super::cache::{self, Transfer};
use super::http::{self, DownloadPolicy};
use crate::error::Result;

/// A checkpoint behind an address, requested with `fetch`.
pub type Http = http::Http<Fetch>;

/// A checkpoint behind an address, kept in IndexedDB.
pub type CachedHttp = cache::CachedHttp<Fetch, IndexedDb>;

/// The models in IndexedDB.
pub type Library = cache::Library<IndexedDb>;

/// Returns the checkpoint at an absolute address. Nothing of it is kept.
pub fn http(address: impl AsRef<str>) -> Http {
    Http::new(address, Fetch, DownloadPolicy::default())
}

/// Opens the checkpoint at an absolute address and what the browser keeps of it. `listener`
/// receives the events of downloads.
pub async fn cached_http(address: impl AsRef<str>, listener: Rc<dyn Fn(Transfer)>) -> CachedHttp {
    CachedHttp::open(http(address), IndexedDb::open().await, listener).await
}

/// Opens the list of models that the browser keeps.
///
/// # Errors
/// [`Error::Storage`](crate::Error::Storage) if the browser keeps nothing.
pub async fn library() -> Result<Library> {
    Ok(Library::new(IndexedDb::open().await?))
}
