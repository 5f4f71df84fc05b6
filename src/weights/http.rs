//! A checkpoint behind an address, read with `fetch`. Only GET is used.

mod answer;
mod download;
mod origin;
pub(crate) mod promise;
mod retry;

use std::ops::Range;

use js_sys::Uint8Array;

use self::answer::Answer;
use self::download::network;
pub use self::download::{Download, Stop};
pub use self::origin::Origin;
use self::retry::{Attempts, Failure};
use super::address::Location;
use super::source::Source;
use crate::error::{Error, Result, messages};

/// A folder, or a single file, that a web server holds.
#[derive(Debug, Clone)]
pub struct Http {
    location: Location,
}

/// What one byte of a file tells about the whole.
#[derive(Debug, Clone)]
pub struct Probe {
    /// Which file it is. Its length is known.
    pub origin: Origin,
    /// Whether the server sends parts of it.
    pub ranged: bool,
    /// Its length.
    pub total: u64,
}

impl Http {
    /// The checkpoint at an absolute address: a folder, or a `.safetensors` file. What stands after
    /// its `?` is part of every request.
    pub fn new(address: impl AsRef<str>) -> Self {
        Http { location: Location::new(address.as_ref()) }
    }

    /// The address of a file, as it is asked for.
    pub fn url(&self, path: &str) -> String {
        self.location.url(path)
    }

    /// The address of a file without what stands after the `?`: signatures, which are others
    /// tomorrow. The file is kept under this name.
    pub fn name(&self, path: &str) -> String {
        self.location.bare_url(path)
    }

    /// Begins to fetch the bytes of a file from `from` on, up to `to` or to its end; `None` if there
    /// is no such file.
    ///
    /// # Errors
    /// [`Error::Network`] if the server cannot be reached after several attempts or refuses.
    pub async fn download(
        &self,
        path: &str,
        from: u64,
        to: Option<u64>,
    ) -> Result<Option<Download>> {
        if self.lacks(path) {
            return Ok(None);
        }
        Download::begin(self.url(path), from, to, Attempts::many()).await
    }

    /// Asks for one byte of a file; `None` if there is no such file.
    ///
    /// # Errors
    /// [`Error::Network`] if the server cannot be reached, refuses, or does not say how long the file
    /// is.
    pub async fn probe(&self, path: &str) -> Result<Option<Probe>> {
        if self.lacks(path) {
            return Ok(None);
        }
        let mut ranged = None;
        // One byte is enough to learn the length. A server of another origin may hide the header
        // that says it; of the whole file it always says how long it is.
        for to in [Some(1), None] {
            let url = self.url(path);
            let Some(download) = Download::begin(url, 0, to, Attempts::few()).await? else {
                return Ok(None);
            };
            let ranged = *ranged.get_or_insert(download.ranged());
            let origin = download.origin().clone();
            if let Some(total) = origin.total {
                return Ok(Some(Probe { origin, ranged, total }));
            }
        }
        Err(network(&self.url(path), messages::length_unknown()))
    }

    /// The bytes `range` of a file, in JavaScript's memory.
    ///
    /// # Errors
    /// As [`Source::read`].
    pub(super) async fn bytes(&self, path: &str, range: Range<u64>) -> Result<Uint8Array> {
        let url = self.url(path);
        let download = self.download(path, range.start, Some(range.end)).await?;
        let mut download = download.ok_or_else(|| self.missing(path))?;
        // What is too long for an array is too long for every caller.
        let len = u32::try_from(range.end - range.start).unwrap_or(u32::MAX);
        let bytes = Uint8Array::new_with_length(len);
        let mut here = 0;
        while let Some(piece) = download.next().await.map_err(|stop| stop.into_error(&url))? {
            bytes.set(&piece, here);
            here += piece.length();
        }
        if here == len {
            return Ok(bytes);
        }
        let end = range.start + u64::from(here);
        Err(network(&url, messages::ends_at_byte(end, range.end)))
    }

    /// A small file as a whole, with a single attempt. See [`Source::read_small`].
    pub(super) async fn read_small_once(&self, path: &str) -> Result<Option<Vec<u8>>> {
        if self.lacks(path) {
            return Ok(None);
        }
        let url = self.url(path);
        whole(&url).await.map_err(|failure| network(&url, failure.into_reason()))
    }

    /// The error for a file that is not there.
    pub(super) fn missing(&self, path: &str) -> Error {
        Error::MissingFile { path: path.to_string(), place: self.place_name() }
    }

    /// A single file has nothing beside it.
    fn lacks(&self, path: &str) -> bool {
        self.single_file().is_some_and(|file| file != path)
    }
}

impl Source for Http {
    fn place(&self) -> String {
        self.location.place()
    }

    fn single_file(&self) -> Option<&str> {
        self.location.file.as_deref()
    }

    async fn identity(&self, path: &str) -> Result<Option<String>> {
        let probe = self.probe(path).await?;
        Ok(probe.map(|probe| probe.origin.version).filter(|version| !version.is_empty()))
    }

    async fn len(&self, path: &str) -> Result<Option<u64>> {
        Ok(self.probe(path).await?.map(|probe| probe.total))
    }

    async fn read(&self, path: &str, range: Range<u64>) -> Result<Vec<u8>> {
        if range.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.bytes(path, range).await?.to_vec())
    }

    async fn read_small(&self, path: &str) -> Result<Option<Vec<u8>>> {
        if self.lacks(path) {
            return Ok(None);
        }
        let url = self.url(path);
        let mut attempts = Attempts::few();
        loop {
            match whole(&url).await {
                Ok(bytes) => return Ok(bytes),
                Err(failure) => {
                    attempts.wait(failure).await.map_err(|reason| network(&url, reason))?;
                }
            }
        }
    }
}

/// A whole file in one go, at most so much that it is surely no config and no vocabulary.
async fn whole(url: &str) -> Result<Option<Vec<u8>>, Failure> {
    const MOST: usize = 64 << 20;
    let Some(mut answer) = Answer::get(url, None).await? else { return Ok(None) };
    let mut bytes = Vec::new();
    while let Some((_, piece)) = answer.piece().await? {
        bytes.extend_from_slice(&piece.to_vec());
        if bytes.len() > MOST {
            return Err(Failure::Lasting(messages::longer_than_any_config()));
        }
    }
    Ok(Some(bytes))
}
