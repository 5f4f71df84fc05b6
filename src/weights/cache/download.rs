//! Download of weight files into the store: several requests at once, repeated until nothing is
//! missing.

use futures::stream::{self, StreamExt};

use super::chunk_store::ChunkStore;
use super::partial_file::{Obstacle, PartialFile};
use crate::error::{Error, Result, messages};
use crate::weights::bytes::Bytes;
use crate::weights::http::{Clock, Http, StreamError, Transport};
use crate::weights::source::Source;

/// Chunks that are requested together.
struct ChunkRequest<'a, S: ChunkStore> {
    file: &'a PartialFile<S>,
    from: u64,
    /// The chunk after the last; `None` for the rest of the file.
    to: Option<u64>,
}

/// Downloads the missing chunks of `files` and finishes each file.
///
/// # Errors
/// [`Error::MissingFile`], [`Error::Network`], or [`Error::CorruptWeights`] if what arrived is not
/// what it should be.
pub async fn download<T, S>(mut files: Vec<PartialFile<S>>, http: &Http<T>) -> Result<()>
where
    T: Transport,
    S: ChunkStore<Bytes = T::Bytes>,
{
    let policy = http.policy();
    let mut fruitless_rounds = 0;
    loop {
        for file in &files {
            file.finish(http).await?; // An earlier visit may have stored all of its chunks.
        }
        let before = missing(&files);
        if before == 0 {
            return Ok(());
        }
        let requests = files.iter().flat_map(|file| requests(file, policy.chunk_size));
        let mut responses = stream::iter(requests)
            .map(|request| request.send(http))
            .buffer_unordered(policy.connections);
        while let Some(response) = responses.next().await {
            response?;
        }
        drop(responses);

        let mut next = Vec::with_capacity(files.len());
        for file in files {
            next.push(after_obstacle(file, http, fruitless_rounds).await?);
        }
        files = next;
        if missing(&files) < before {
            fruitless_rounds = 0;
            continue;
        }
        fruitless_rounds += 1;
        if fruitless_rounds == policy.max_rounds_without_progress {
            let file = files.iter().find(|file| !file.missing().is_empty());
            return Err(Error::Network {
                url: file.map_or_else(|| http.url(""), |file| http.url(&file.path)),
                reason: messages::version_keeps_changing(),
            });
        }
        http.clock().sleep(policy.round_pause).await;
    }
}

fn missing<S: ChunkStore>(files: &[PartialFile<S>]) -> usize {
    files.iter().map(|file| file.missing().len()).sum()
}

/// Plans the requests for what is missing: small neighbouring chunks together, up to `usual_size`
/// bytes. A server that ignores ranges is asked once for everything.
fn requests<S: ChunkStore>(file: &PartialFile<S>, usual_size: u64) -> Vec<ChunkRequest<'_, S>> {
    let missing = file.missing();
    if !file.ranged.get() {
        let first = missing.first();
        return first
            .map(|from| ChunkRequest { file, from: *from, to: None })
            .into_iter()
            .collect();
    }
    let most = (usual_size / file.chunk_size).max(1);
    let mut requests: Vec<ChunkRequest<'_, S>> = Vec::new();
    for index in missing {
        match requests.last_mut() {
            Some(last) if last.to == Some(index) && index - last.from < most => {
                last.to = Some(index + 1);
            }
            _ => requests.push(ChunkRequest { file, from: index, to: Some(index + 1) }),
        }
    }
    requests
}

/// Prepares a file for the next round after what its requests found in this one.
async fn after_obstacle<T, S>(
    file: PartialFile<S>,
    http: &Http<T>,
    fruitless_rounds: u32,
) -> Result<PartialFile<S>>
where
    T: Transport,
    S: ChunkStore<Bytes = T::Bytes>,
{
    match file.obstacle.take() {
        None => {}
        // A single response without a range may be a proxy's transient error.
        Some(Obstacle::Unranged) => file.ranged.set(fruitless_rounds == 0),
        Some(Obstacle::Changed) => {
            let info = http.file_info(&file.path).await?;
            let info = info.ok_or_else(|| http.missing(&file.path))?;
            if info.total != file.len || !info.version.agrees(&file.version) {
                return Ok(file.restart(info, http.policy().chunk_size).await);
            }
        }
    }
    Ok(file)
}

impl<S: ChunkStore> ChunkRequest<'_, S> {
    /// Downloads the chunks into the store. An obstacle ends it and is left at the file.
    async fn send<T: Transport<Bytes = S::Bytes>>(self, http: &Http<T>) -> Result<()> {
        let file = self.file;
        if file.obstacle.get().is_some() {
            return Ok(());
        }
        let start = self.from * file.chunk_size;
        let end = self.to.map(|to| (to * file.chunk_size).min(file.len));
        let stream = http.stream(&file.path, start, end).await?;
        let mut stream = stream.ok_or_else(|| http.missing(&file.path))?;
        if !stream.version().agrees(&file.version) {
            file.obstacle.set(Some(Obstacle::Changed));
            return Ok(());
        }
        if file.ranged.get() != stream.ranged() {
            // Either a range was requested and everything is sent, or the other way round.
            let is_everything = start == 0 && end == Some(file.len);
            if !is_everything {
                file.ranged.set(true);
                file.obstacle.set(Some(Obstacle::Unranged).filter(|_| !stream.ranged()));
                return Ok(());
            }
        }
        let mut chunker = Chunker { file, position: start, chunk: None };
        loop {
            match stream.next().await {
                Ok(Some(bytes)) => chunker.add(bytes).await,
                Ok(None) => break,
                Err(StreamError::Failed(error)) => return Err(error),
                Err(StreamError::Changed) => {
                    file.obstacle.set(Some(Obstacle::Changed));
                    return Ok(());
                }
            }
        }
        file.finish(http).await
    }
}

/// Cuts consecutive bytes into chunks.
struct Chunker<'a, S: ChunkStore> {
    file: &'a PartialFile<S>,
    /// Offset in the file of the next byte.
    position: u64,
    /// The chunk at `position`, filled up to there; `None` if it is stored already.
    chunk: Option<S::Bytes>,
}

impl<S: ChunkStore> Chunker<'_, S> {
    async fn add(&mut self, mut bytes: S::Bytes) {
        let file = self.file;
        while !bytes.is_empty() {
            let index = self.position / file.chunk_size;
            let (filled, len) = (self.position % file.chunk_size, file.chunk_len(index));
            // Chunks are shorter than 4 GiB. Bytes after the end of the file are ignored.
            let count = bytes.len().min(len.saturating_sub(filled) as usize);
            if count == 0 {
                return;
            }
            let available = filled + count as u64;
            self.position += count as u64;
            // A server that ignores ranges sends again what is already stored.
            if filled == 0 && !file.has(index) {
                self.chunk = Some(S::Bytes::zeroed(len as usize));
            }
            if let Some(chunk) = &mut self.chunk {
                chunk.write(filled as usize, &bytes.slice(0..count));
                file.report_received(index, available);
            }
            bytes = bytes.slice(count..bytes.len());
            if available == len
                && let Some(chunk) = self.chunk.take()
            {
                file.store_chunk(index, chunk).await;
            }
        }
    }
}
