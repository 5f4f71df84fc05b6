//! One tab downloads a model; the others watch it arrive and go on from the store.

use std::pin::pin;

use super::chunk::len_of;
use super::keys::FileKey;
use super::lock::Lock;
use super::store::Store;
use crate::weights::http::promise::within;

/// Milliseconds between two looks into the store.
const LOOK: u32 = 500;

/// A file that another tab may be downloading.
pub struct Followed {
    pub path: String,
    pub key: FileKey,
    /// Bytes, if known.
    pub len: Option<u64>,
}

/// Waits until it is this tab's turn to download from `place`, and tells what arrives meanwhile. The
/// turn ends with what is returned.
pub async fn turn(place: &str, files: &[Followed], store: &Store) -> Option<Lock> {
    if !store.keeps() {
        return None; // There is nothing to share.
    }
    let name = format!("hearth {place}");
    let mut lock = pin!(Lock::acquire(&name));
    if let Some(lock) = within(LOOK, lock.as_mut()).await {
        return Some(lock);
    }
    store.listener.elsewhere();
    // Bytes of each file's chunks, once one was seen: to look at one is to read all of it.
    let mut sizes: Vec<Option<u64>> = vec![None; files.len()];
    loop {
        if let Some(lock) = within(LOOK, lock.as_mut()).await {
            return Some(lock);
        }
        for (file, size) in files.iter().zip(&mut sizes) {
            look(file, size, store).await;
        }
    }
}

async fn look(file: &Followed, known: &mut Option<u64>, store: &Store) {
    let Some(len) = file.len else { return };
    let here = store.chunks(&file.key).await;
    let Some(index) = here.first() else { return };
    if known.is_none() {
        *known = store.chunk(&file.key, *index).await.map(|chunk| chunk.size.max(1));
    }
    let Some(size) = *known else { return };
    for index in here {
        store.listener.tell(&file.path, index * size, len_of(index, len, size), true);
    }
}
