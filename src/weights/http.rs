//! A checkpoint folder behind an address, read with `fetch`. Only GET is used.

mod answer;
pub(super) mod promise;

use std::ops::Range;

pub use self::answer::Origin;
use self::answer::{Answer, Failure};
use self::promise::sleep;
use super::source::Source;
use crate::error::{Error, Result};

/// How long to wait before each further attempt, in milliseconds.
const BACK_OFF: [u32; 3] = [500, 1_000, 2_000];

/// A folder that a web server holds.
#[derive(Debug, Clone)]
pub struct Http {
    base: String,
}

impl Http {
    /// The checkpoint at `base`, an absolute address.
    pub fn new(base: impl Into<String>) -> Self {
        let mut base = base.into();
        if !base.ends_with('/') {
            base.push('/');
        }
        Http { base }
    }

    /// The address of a file.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
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
        let url = self.url(path);
        let answer = retried(&url, async || Answer::get(&url, Some((from, to))).await).await?;
        Ok(answer.map(|answer| Download { url, position: from, to, attempts: 0, answer }))
    }

    /// A small file as a whole, with a single attempt. See [`Source::read_small`].
    pub(super) async fn read_small_once(&self, path: &str) -> Result<Option<Vec<u8>>> {
        let url = self.url(path);
        whole(&url).await.map_err(|failure| network(&url, failure.into_reason()))
    }

    fn missing(&self, path: &str) -> Error {
        Error::MissingFile { path: path.to_string(), place: self.place() }
    }
}

impl Source for Http {
    fn place(&self) -> String {
        self.base.clone()
    }

    async fn len(&self, path: &str) -> Result<Option<u64>> {
        // One byte is enough to learn the length. A server of another origin may hide the header
        // that says it; of the whole file it always says how long it is.
        for to in [Some(1), None] {
            match self.download(path, 0, to).await? {
                None => return Ok(None),
                Some(download) if download.origin().total.is_some() => {
                    return Ok(download.origin().total);
                }
                Some(_) => {}
            }
        }
        Err(network(&self.url(path), "the server does not say how long the file is".to_string()))
    }

    async fn read(&self, path: &str, range: Range<u64>) -> Result<Vec<u8>> {
        if range.is_empty() {
            return Ok(Vec::new());
        }
        let mut download = self
            .download(path, range.start, Some(range.end))
            .await?
            .ok_or_else(|| self.missing(path))?;
        let mut bytes = Vec::new();
        while let Some(piece) = download.next().await? {
            bytes.extend_from_slice(&piece);
        }
        let end = range.start + bytes.len() as u64;
        if end == range.end {
            return Ok(bytes);
        }
        Err(network(
            &self.url(path),
            format!("the file ends at byte {end}, before byte {}", range.end),
        ))
    }

    async fn read_small(&self, path: &str) -> Result<Option<Vec<u8>>> {
        let url = self.url(path);
        retried(&url, async || whole(&url).await).await
    }
}

/// Bytes of a file on their way. A broken connection is taken up where it broke; dropped, the rest
/// is not fetched.
pub struct Download {
    url: String,
    /// Offset in the file of the byte that comes next.
    position: u64,
    /// Where to stop, if not at the file's end.
    to: Option<u64>,
    /// Attempts since the last byte.
    attempts: usize,
    answer: Answer,
}

impl Download {
    /// What the server says about the file.
    pub fn origin(&self) -> &Origin {
        &self.answer.origin
    }

    /// The bytes that came next; `None` at the end.
    ///
    /// # Errors
    /// [`Error::Network`] if the connection breaks again and again without a byte in between, or the
    /// file is another one after a break.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        loop {
            let end = match (self.to, self.origin().total) {
                (Some(to), Some(total)) => Some(to.min(total)),
                (to, total) => to.or(total),
            };
            if end.is_some_and(|end| self.position >= end) {
                return Ok(None);
            }
            let (offset, mut bytes) = match self.answer.piece().await {
                Ok(Some(piece)) => piece,
                Ok(None) if end.is_none() => return Ok(None),
                Ok(None) => {
                    self.resume("the connection ended early".to_string()).await?;
                    continue;
                }
                Err(failure) => {
                    self.resume(failure.into_reason()).await?;
                    continue;
                }
            };
            // A server that knows no ranges sends the file from its beginning and to its end.
            if let Some(end) = end {
                bytes.truncate(clamp(end.saturating_sub(offset)));
            }
            bytes.drain(..clamp(self.position.saturating_sub(offset)).min(bytes.len()));
            if !bytes.is_empty() {
                self.position += bytes.len() as u64;
                self.attempts = 0;
                return Ok(Some(bytes));
            }
        }
    }

    async fn resume(&mut self, mut reason: String) -> Result<()> {
        while let Some(wait) = BACK_OFF.get(self.attempts) {
            self.attempts += 1;
            sleep(*wait).await;
            match Answer::get(&self.url, Some((self.position, self.to))).await {
                Ok(Some(answer)) if answer.origin == self.answer.origin => {
                    self.answer = answer;
                    return Ok(());
                }
                Ok(_) => {
                    return Err(network(&self.url, "it changed while it was fetched".to_string()));
                }
                Err(Failure::Passing(again)) => reason = again,
                Err(Failure::Lasting(refusal)) => return Err(network(&self.url, refusal)),
            }
        }
        Err(network(&self.url, reason))
    }
}

/// A whole file in one go, at most so much that it is surely no config and no vocabulary.
async fn whole(url: &str) -> Result<Option<Vec<u8>>, Failure> {
    const MOST: usize = 64 << 20;
    let Some(mut answer) = Answer::get(url, None).await? else { return Ok(None) };
    let mut bytes = Vec::new();
    while let Some((_, piece)) = answer.piece().await? {
        bytes.extend_from_slice(&piece);
        if bytes.len() > MOST {
            return Err(Failure::Lasting("it is longer than any config or vocabulary".to_string()));
        }
    }
    Ok(Some(bytes))
}

/// Repeats `attempt` after failures that may pass.
async fn retried<T>(url: &str, attempt: impl AsyncFn() -> Result<T, Failure>) -> Result<T> {
    for wait in BACK_OFF {
        match attempt().await {
            Ok(value) => return Ok(value),
            Err(Failure::Passing(_)) => sleep(wait).await,
            Err(Failure::Lasting(reason)) => return Err(network(url, reason)),
        }
    }
    attempt().await.map_err(|failure| network(url, failure.into_reason()))
}

fn network(url: &str, reason: String) -> Error {
    Error::Network { url: url.to_string(), reason }
}

fn clamp(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
