//! Bytes of a file on their way.

use js_sys::Uint8Array;

use super::answer::Answer;
use super::origin::Origin;
use super::retry::{Attempts, Failure};
use crate::error::{Error, Message, messages};

/// Bytes of a file on their way. A broken connection is taken up where it broke; dropped, the rest
/// is not fetched.
pub struct Download {
    url: String,
    /// Offset in the file of the byte that comes next.
    position: u64,
    /// Where to stop, if not at the file's end.
    to: Option<u64>,
    /// Since the last byte.
    attempts: Attempts,
    answer: Answer,
}

/// Why a download ended early.
pub enum Stop {
    /// The server has another version of the file by now.
    Changed,
    /// It cannot be had.
    Failed(Error),
}

impl Stop {
    /// The error for who cannot start anew.
    pub fn into_error(self, url: &str) -> Error {
        match self {
            Stop::Changed => network(url, messages::changed_meanwhile()),
            Stop::Failed(error) => error,
        }
    }
}

impl Download {
    /// Begins to fetch the bytes of a file from `from` on, up to `to` or to its end; `None` if there
    /// is no such file.
    ///
    /// # Errors
    /// [`Error::Network`] if the server cannot be reached after several attempts or refuses.
    pub async fn begin(
        url: String,
        from: u64,
        to: Option<u64>,
        mut attempts: Attempts,
    ) -> Result<Option<Self>, Error> {
        loop {
            match Answer::get(&url, Some((from, to))).await {
                Ok(None) => return Ok(None),
                Ok(Some(answer)) => {
                    attempts.renew();
                    return Ok(Some(Download { url, position: from, to, attempts, answer }));
                }
                Err(failure) => {
                    attempts.wait(failure).await.map_err(|reason| network(&url, reason))?;
                }
            }
        }
    }

    /// What the server says about the file.
    pub fn origin(&self) -> &Origin {
        &self.answer.origin
    }

    /// Whether the server sends the part that was asked for. If not, it sends the file from its
    /// beginning, and what comes before the part is fetched in vain.
    pub fn ranged(&self) -> bool {
        self.answer.ranged
    }

    /// The bytes that came next, in JavaScript's memory; `None` at the end.
    ///
    /// # Errors
    /// [`Stop::Failed`] if the connection breaks again and again without a byte in between.
    pub async fn next(&mut self) -> Result<Option<Uint8Array>, Stop> {
        loop {
            let end = match (self.to, self.origin().total) {
                (Some(to), Some(total)) => Some(to.min(total)),
                (to, total) => to.or(total),
            };
            if end.is_some_and(|end| self.position >= end) {
                return Ok(None);
            }
            let (offset, bytes) = match self.answer.piece().await {
                Ok(Some(piece)) => piece,
                Ok(None) if end.is_none() => return Ok(None),
                Ok(None) => {
                    self.resume(Failure::passing(messages::connection_ended())).await?;
                    continue;
                }
                Err(failure) => {
                    self.resume(failure).await?;
                    continue;
                }
            };
            // A server that knows no ranges sends the file from its beginning and to its end.
            let from = clamp(self.position.saturating_sub(offset)).min(bytes.length());
            let to = end.map_or(u32::MAX, |end| clamp(end.saturating_sub(offset)));
            if from < to.min(bytes.length()) {
                let bytes = bytes.subarray(from, to.min(bytes.length()));
                self.position += u64::from(bytes.length());
                self.attempts.renew();
                return Ok(Some(bytes));
            }
        }
    }

    async fn resume(&mut self, mut failure: Failure) -> Result<(), Stop> {
        loop {
            let waited = self.attempts.wait(failure).await;
            waited.map_err(|reason| Stop::Failed(network(&self.url, reason)))?;
            match Answer::get(&self.url, Some((self.position, self.to))).await {
                Ok(Some(answer)) if answer.origin.agrees(&self.answer.origin) => {
                    self.answer = answer;
                    return Ok(());
                }
                Ok(_) => return Err(Stop::Changed),
                Err(again) => failure = again,
            }
        }
    }
}

pub(super) fn network(url: &str, reason: Message) -> Error {
    Error::Network { url: url.to_string(), reason }
}

fn clamp(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
