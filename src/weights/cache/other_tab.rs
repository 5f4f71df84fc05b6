//! Wait for another tab's download of the same model.

use std::pin::pin;

use super::chunk::chunk_len;
use super::chunk_store::ChunkStore;
use super::fallback_store::FallbackStore;
use super::keys::FileKey;
use crate::weights::http::{Clock, DownloadPolicy};

/// A file that another tab may be downloading.
pub struct WantedFile {
    pub path: String,
    pub key: FileKey,
    /// Bytes, if known.
    pub len: Option<u64>,
}

/// Waits until no other tab downloads from `place`, and reports the other tab's progress meanwhile.
/// This tab's turn ends when the returned lock is dropped.
pub async fn wait_for_turn<S: ChunkStore>(
    place: &str,
    files: &[WantedFile],
    store: &FallbackStore<S>,
    clock: &impl Clock,
    policy: &DownloadPolicy,
) -> Option<S::Lock> {
    if !store.is_shared() {
        return None;
    }
    let name = format!("hearth {place}");
    let mut lock = pin!(store.lock(&name));
    if let Some(lock) = clock.timeout(policy.other_tab_interval, lock.as_mut()).await {
        return lock;
    }
    store.reporter.report_other_tab();
    // Chunk sizes, once one chunk of the file was seen: reading a chunk reads all of its bytes.
    let mut sizes: Vec<Option<u64>> = vec![None; files.len()];
    loop {
        if let Some(lock) = clock.timeout(policy.other_tab_interval, lock.as_mut()).await {
            return lock;
        }
        for (file, size) in files.iter().zip(&mut sizes) {
            report_stored_chunks(file, size, store).await;
        }
    }
}

async fn report_stored_chunks<S: ChunkStore>(
    file: &WantedFile,
    size: &mut Option<u64>,
    store: &FallbackStore<S>,
) {
    let Some(len) = file.len else { return };
    let stored = store.chunks(&file.key).await;
    let Some(first) = stored.first() else { return };
    if size.is_none() {
        *size = store.chunk(&file.key, *first).await.map(|chunk| chunk.size.max(1));
    }
    let Some(size) = *size else { return };
    for index in stored {
        let available = chunk_len(index, len, size);
        store.reporter.report_received(&file.path, index * size, available, true);
    }
}
