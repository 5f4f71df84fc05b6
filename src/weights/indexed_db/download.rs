//! A weight file's way from the server into the store.

use std::rc::Rc;

use sha2::{Digest, Sha256};

use super::file::{CHUNK, Chunk, File, Record};
use super::store::{FileKey, Shelf, Store};
use crate::error::{Error, Result};
use crate::weights::http::{Http, Origin};
use crate::weights::safetensors::read_index;

/// Fetches a file into the store, going on where an earlier visit was interrupted.
///
/// # Errors
/// [`Error::MissingFile`], [`Error::Network`], or [`Error::CorruptWeights`] if the file is not the
/// one with the wanted digest or no safetensors file. Then nothing of it stays in the store.
pub async fn download(path: &str, key: FileKey, store: &Rc<Store>, http: &Http) -> Result<File> {
    store.remove_other_versions(&key).await;
    let mut arriving = Arriving::from_store(&key, store).await;
    if !arriving.is_whole() {
        arriving.fetch(path, http).await?;
    } else {
        store.received(path, arriving.len, true);
    }

    let digest = hex::encode(arriving.digest.finalize());
    let record = Record { len: arriving.len, sums: arriving.sums };
    let file = File::arrived(path, key.clone(), record.clone(), store, http);
    let checked = if key.sha256.is_empty() {
        // Without a digest, the least that can be asked: the index fits the file.
        read_index(&file, path).await.map(drop)
    } else if key.sha256 == digest {
        Ok(())
    } else {
        Err(Error::CorruptWeights {
            path: path.to_string(),
            reason: format!("its SHA-256 is {digest} instead of {}", key.sha256),
        })
    };
    match checked {
        Ok(()) => store.put(Shelf::Files, &key.file(), &record).await,
        Err(error) => {
            store.remove(&key).await;
            return Err(error);
        }
    }
    Ok(file)
}

/// As much of a file as has arrived.
struct Arriving<'a> {
    key: &'a FileKey,
    store: &'a Store,
    len: u64,
    sums: Vec<String>,
    digest: Sha256,
    /// Where the chunks are from; `None` as long as there are none.
    origin: Option<Origin>,
}

impl<'a> Arriving<'a> {
    fn nothing(key: &'a FileKey, store: &'a Store) -> Self {
        Arriving { key, store, len: 0, sums: Vec::new(), digest: Sha256::new(), origin: None }
    }

    /// The unbroken row of sound chunks that is in the store.
    async fn from_store(key: &'a FileKey, store: &'a Store) -> Self {
        let mut this = Self::nothing(key, store);
        while !this.is_whole() {
            let index = this.sums.len().to_string();
            let Some(chunk) = store.get::<Chunk>(Shelf::Chunks, &key.chunk(&index)).await else {
                break;
            };
            let is_next = this.origin.as_ref().is_none_or(|origin| *origin == chunk.origin);
            let is_last = chunk.origin.total == Some(this.len + chunk.bytes.len() as u64);
            if !is_next || !(is_last || chunk.bytes.len() == CHUNK) || !chunk.is_sound() {
                break;
            }
            this.add(&chunk);
        }
        this
    }

    fn is_whole(&self) -> bool {
        self.origin.as_ref().is_some_and(|origin| origin.total == Some(self.len))
    }

    fn add(&mut self, chunk: &Chunk) {
        self.len += chunk.bytes.len() as u64;
        self.digest.update(&chunk.bytes);
        self.sums.push(chunk.sum.clone());
        self.origin.get_or_insert_with(|| chunk.origin.clone());
    }

    async fn keep(&mut self, bytes: Vec<u8>, origin: &Origin) {
        let chunk = Chunk::new(bytes, origin);
        let index = self.sums.len().to_string();
        self.store.put(Shelf::Chunks, &self.key.chunk(&index), &chunk).await;
        self.add(&chunk);
    }

    /// Fetches the rest; all of it if the server has another version by now.
    async fn fetch(&mut self, path: &str, http: &Http) -> Result<()> {
        let missing = || Error::MissingFile { path: path.to_string(), place: http.url("") };
        let mut download = http.download(path, self.len, None).await?.ok_or_else(missing)?;
        if self.origin.as_ref().is_some_and(|origin| origin != download.origin()) {
            self.store.remove(self.key).await;
            *self = Self::nothing(self.key, self.store);
            download = http.download(path, 0, None).await?.ok_or_else(missing)?;
        }
        if self.len > 0 {
            self.store.received(path, self.len, true);
        }
        let origin = download.origin().clone();
        let mut bytes = Vec::with_capacity(CHUNK);
        while let Some(piece) = download.next().await? {
            self.store.received(path, piece.len() as u64, false);
            let mut piece = piece.as_slice();
            while !piece.is_empty() {
                let (now, later) = piece.split_at(piece.len().min(CHUNK - bytes.len()));
                bytes.extend_from_slice(now);
                piece = later;
                if bytes.len() == CHUNK {
                    self.keep(std::mem::replace(&mut bytes, Vec::with_capacity(CHUNK)), &origin)
                        .await;
                }
            }
        }
        if !bytes.is_empty() {
            self.keep(bytes, &origin).await;
        }
        Ok(())
    }
}
