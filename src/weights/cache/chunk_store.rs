//! Interface to the storage of one origin, which all tabs of the page share.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::chunk::Chunk;
use super::keys::{FileKey, KeyRange, Table};
use crate::error::Result;
use crate::weights::bytes::Bytes;

/// A value of any table but [`Table::Chunks`].
pub trait Value: Serialize + DeserializeOwned + Clone + 'static {}

impl<V: Serialize + DeserializeOwned + Clone + 'static> Value for V {}

/// Tables of values by keys, which are lists of strings. All methods fail with
/// [`Error::Storage`](crate::Error::Storage).
#[allow(async_fn_in_trait)] // Everything runs on one thread: no `Send` bound is wanted.
pub trait ChunkStore: 'static {
    /// The bytes of chunks.
    type Bytes: Bytes + 'static;
    /// A lock, held until it is dropped or the tab is closed.
    type Lock;

    /// Reads a value; `None` if there is none, or it cannot be decoded.
    async fn get<V: Value>(&self, table: Table, key: &[&str]) -> Result<Option<V>>;

    /// Writes a value. It is stored for good once this returns.
    async fn put<V: Value>(&self, table: Table, key: &[&str], value: &V) -> Result<()>;

    /// Reads a chunk, intact or not.
    async fn get_chunk(&self, key: &FileKey, index: u64) -> Result<Option<Chunk<Self::Bytes>>>;

    /// Writes a chunk. It is stored for good once this returns.
    async fn put_chunk(&self, key: &FileKey, index: u64, chunk: &Chunk<Self::Bytes>) -> Result<()>;

    /// Lists the keys of a table in `range`.
    async fn keys(&self, table: Table, range: &KeyRange) -> Result<Vec<Vec<String>>>;

    /// Deletes the values of a table in `range`.
    async fn delete(&self, table: Table, range: &KeyRange) -> Result<()>;

    /// Waits for a lock that one tab at a time can hold. Dropped before, the request is withdrawn.
    async fn lock(&self, name: &str) -> Self::Lock;
}
