//! Bytes of a file that are being downloaded.

use std::rc::Rc;

use super::policy::DownloadPolicy;
use super::response::{FileResponse, Found};
use super::retry::{RequestError, Retries, network};
use super::transport::{ByteRange, Transport};
use super::version::FileVersion;
use crate::error::{Error, messages};
use crate::weights::bytes::Bytes;

/// Bytes of a file that are being downloaded. A broken connection is resumed where it broke;
/// dropped, the rest is not fetched.
pub struct ByteStream<T: Transport> {
    transport: T,
    policy: Rc<DownloadPolicy>,
    url: String,
    /// Offset in the file of the next byte.
    position: u64,
    /// Where to stop, if not at the end of the file.
    to: Option<u64>,
    retries: Retries,
    response: FileResponse<T>,
}

/// Why a stream ended early.
#[derive(Debug)]
pub enum StreamError {
    /// The server has another version of the file now.
    Changed,
    /// The server cannot be reached or refuses.
    Failed(Error),
}

impl StreamError {
    /// Converts it for callers that cannot start again.
    pub fn into_error(self, url: &str) -> Error {
        match self {
            StreamError::Changed => network(url, messages::changed_meanwhile()),
            StreamError::Failed(error) => error,
        }
    }
}

impl<T: Transport> ByteStream<T> {
    /// Requests `range` of a file.
    ///
    /// # Errors
    /// [`Error::Network`] if the server cannot be reached after several attempts or refuses.
    pub(super) async fn open(
        transport: T,
        policy: Rc<DownloadPolicy>,
        url: String,
        range: ByteRange,
        mut retries: Retries,
    ) -> Result<Found<Self>, Error> {
        loop {
            let error = match FileResponse::get(&transport, &policy, &url, Some(range)).await {
                Ok(Found::Nothing) => return Ok(Found::Nothing),
                Ok(Found::Page) => return Ok(Found::Page),
                Ok(Found::File(response)) => {
                    retries.reset();
                    let ByteRange { from: position, to } = range;
                    return Ok(Found::File(ByteStream {
                        transport,
                        policy,
                        url,
                        position,
                        to,
                        retries,
                        response,
                    }));
                }
                Err(error) => error,
            };
            retries.wait(error, &policy, &transport, &url).await?;
        }
    }

    /// Returns the version of the file that the server sends.
    pub fn version(&self) -> &FileVersion {
        &self.response.version
    }

    /// Whether the server sends the requested range. If not, it sends the file from its beginning,
    /// and the bytes before the range are skipped.
    pub fn ranged(&self) -> bool {
        self.response.ranged
    }

    /// Returns the next bytes; `None` at the end of the range or file.
    ///
    /// # Errors
    /// [`StreamError::Failed`] if the connection breaks again and again without a byte in between.
    pub async fn next(&mut self) -> Result<Option<T::Bytes>, StreamError> {
        loop {
            let end = match (self.to, self.version().total) {
                (Some(to), Some(total)) => Some(to.min(total)),
                (to, total) => to.or(total),
            };
            if end.is_some_and(|end| self.position >= end) {
                return Ok(None);
            }
            let (offset, bytes) = match self.response.next(&self.policy).await {
                Ok(Some(bytes)) => bytes,
                Ok(None) if end.is_none() => return Ok(None),
                Ok(None) => {
                    self.resume(RequestError::transient(messages::connection_ended())).await?;
                    continue;
                }
                Err(error) => {
                    self.resume(error).await?;
                    continue;
                }
            };
            // A server that ignores ranges sends the file from its beginning and to its end.
            let len = bytes.len();
            let from = saturating(self.position.saturating_sub(offset)).min(len);
            let to = end.map_or(len, |end| saturating(end.saturating_sub(offset)).min(len));
            if from < to {
                self.position += (to - from) as u64;
                self.retries.reset();
                return Ok(Some(bytes.slice(from..to)));
            }
        }
    }

    /// Requests the rest after a failure.
    async fn resume(&mut self, mut error: RequestError) -> Result<(), StreamError> {
        loop {
            let waited = self.retries.wait(error, &self.policy, &self.transport, &self.url).await;
            waited.map_err(StreamError::Failed)?;
            let rest = ByteRange { from: self.position, to: self.to };
            match FileResponse::get(&self.transport, &self.policy, &self.url, Some(rest)).await {
                Ok(Found::File(response)) if response.version.agrees(&self.response.version) => {
                    self.response = response;
                    return Ok(());
                }
                Ok(_) => return Err(StreamError::Changed),
                Err(again) => error = again,
            }
        }
    }
}

fn saturating(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
