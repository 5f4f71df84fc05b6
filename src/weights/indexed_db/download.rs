//! Weight files on their way from the server into the store: many parts at once, and each until it
//! is there.

use futures::stream::{self, StreamExt};
use js_sys::Uint8Array;

use super::arriving::{Arriving, Trouble};
use super::chunk::CHUNK;
use crate::error::{Error, Result, messages};
use crate::weights::http::promise::sleep;
use crate::weights::http::{Http, Stop};

/// Connections at once, over all files.
const CONNECTIONS: usize = 4;

/// A server that answers in another way each time is asked so often without a gain.
const BARREN_ROUNDS: u32 = 4;

/// Milliseconds between two of these.
const PAUSE: u32 = 500;

/// Chunks to ask for in one request.
struct Part<'a> {
    file: &'a Arriving,
    from: u64,
    /// The first chunk that is not wanted; `None` for the rest of the file.
    to: Option<u64>,
}

/// Fetches what is missing of `files`, and finishes each.
///
/// # Errors
/// [`Error::MissingFile`], [`Error::Network`], or [`Error::CorruptWeights`] if what arrived is not
/// what it should be.
pub async fn download(mut files: Vec<Arriving>, http: &Http) -> Result<()> {
    let mut barren = 0;
    loop {
        for file in &files {
            file.finish(http).await?; // Of those that an earlier visit has left complete.
        }
        let before = missing(&files);
        if before == 0 {
            return Ok(());
        }
        let mut parts = stream::iter(files.iter().flat_map(parts))
            .map(|part| part.fetch(http))
            .buffer_unordered(CONNECTIONS);
        while let Some(fetched) = parts.next().await {
            fetched?;
        }
        drop(parts);

        let mut next = Vec::with_capacity(files.len());
        for file in files {
            next.push(after_trouble(file, http, barren).await?);
        }
        files = next;
        if missing(&files) < before {
            barren = 0;
            continue;
        }
        barren += 1;
        if barren == BARREN_ROUNDS {
            let file = files.iter().find(|file| !file.missing().is_empty());
            return Err(Error::Network {
                url: file.map_or_else(|| http.url(""), |file| http.url(&file.path)),
                reason: messages::version_keeps_changing(),
            });
        }
        sleep(PAUSE).await;
    }
}

fn missing(files: &[Arriving]) -> usize {
    files.iter().map(|file| file.missing().len()).sum()
}

/// What to ask for: neighbours together, up to the length of a usual chunk. A server that knows no
/// parts is asked once for everything.
fn parts(file: &Arriving) -> Vec<Part<'_>> {
    let missing = file.missing();
    if !file.ranged.get() {
        return missing
            .first()
            .map(|from| Part { file, from: *from, to: None })
            .into_iter()
            .collect();
    }
    let most = (CHUNK / file.size).max(1);
    let mut parts: Vec<Part<'_>> = Vec::new();
    for index in missing {
        match parts.last_mut() {
            Some(part) if part.to == Some(index) && index - part.from < most => {
                part.to = Some(index + 1);
            }
            _ => parts.push(Part { file, from: index, to: Some(index + 1) }),
        }
    }
    parts
}

/// Draws the conclusions from what the requests of a round met.
async fn after_trouble(file: Arriving, http: &Http, barren: u32) -> Result<Arriving> {
    match file.trouble.take() {
        None => {}
        // Once may be a proxy's mood.
        Some(Trouble::Unranged) => file.ranged.set(barren == 0),
        Some(Trouble::Changed) => {
            let probe = http.probe(&file.path).await?;
            let probe = probe.ok_or_else(|| http.missing(&file.path))?;
            if probe.total != file.len || !probe.origin.agrees(&file.origin) {
                return Ok(file.anew(probe).await);
            }
        }
    }
    Ok(file)
}

impl Part<'_> {
    /// Fetches the chunks into the store, as far as nothing is in the way: what is, is left at the
    /// file.
    async fn fetch(self, http: &Http) -> Result<()> {
        let file = self.file;
        if file.trouble.get().is_some() {
            return Ok(());
        }
        let start = self.from * file.size;
        let end = self.to.map(|to| (to * file.size).min(file.len));
        let download = http.download(&file.path, start, end).await?;
        let mut download = download.ok_or_else(|| http.missing(&file.path))?;
        if !download.origin().agrees(&file.origin) {
            file.trouble.set(Some(Trouble::Changed));
            return Ok(());
        }
        if file.ranged.get() != download.ranged() {
            // One who sends everything has not been asked for everything, or the other way round.
            let is_all = start == 0 && end == Some(file.len);
            if !is_all {
                file.ranged.set(true);
                file.trouble.set(Some(Trouble::Unranged).filter(|_| !download.ranged()));
                return Ok(());
            }
        }
        let mut cut = Cut { file, position: start, filling: None };
        loop {
            match download.next().await {
                Ok(Some(piece)) => cut.add(piece).await,
                Ok(None) => break,
                Err(Stop::Failed(error)) => return Err(error),
                Err(Stop::Changed) => {
                    file.trouble.set(Some(Trouble::Changed));
                    return Ok(());
                }
            }
        }
        file.finish(http).await
    }
}

/// Cuts a row of pieces into chunks.
struct Cut<'a> {
    file: &'a Arriving,
    /// Offset in the file of the next byte.
    position: u64,
    /// The chunk at `position`, as far as it is here.
    filling: Option<Uint8Array>,
}

impl Cut<'_> {
    async fn add(&mut self, mut piece: Uint8Array) {
        let file = self.file;
        while piece.length() > 0 {
            let index = self.position / file.size;
            let (filled, len) = (self.position % file.size, file.len_of(index));
            // Chunks are shorter than 4 GiB. Nothing comes after the file's end.
            let count = piece.length().min(len.saturating_sub(filled) as u32);
            if count == 0 {
                return;
            }
            let is_full = filled + u64::from(count) == len;
            self.position += u64::from(count);
            // A server that knows no parts sends again what is here already.
            if !file.has(index) {
                let make = || Uint8Array::new_with_length(len as u32);
                let filling = self.filling.get_or_insert_with(make);
                filling.set(&piece.subarray(0, count), filled as u32);
                file.tell(index, filled + u64::from(count));
            }
            piece = piece.subarray(count, piece.length());
            if is_full && let Some(bytes) = self.filling.take() {
                file.keep(index, bytes).await;
            }
        }
    }
}
