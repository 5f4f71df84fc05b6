//! Response to one request for a file: which bytes it carries, and of which version.

use std::time::Duration;

use super::date;
use super::policy::DownloadPolicy;
use super::refusal;
use super::retry::RequestError;
use super::transport::{Body, ByteRange, Headers, Response, Transport};
use super::version::{self, FileVersion};
use crate::error::messages;
use crate::weights::bytes::Bytes;

/// What a server has at an address.
pub enum Found<F> {
    /// A file.
    File(F),
    /// No file.
    Nothing,
    /// A web page in place of a file. Servers of single-page programs answer so for every file that
    /// they lack.
    Page,
}

/// A response whose body is being read; dropped, the rest is not fetched.
pub struct FileResponse<T: Transport> {
    pub version: FileVersion,
    /// Whether the server sends the requested range, and not the file from its beginning.
    pub ranged: bool,
    /// Offset in the file of the next byte of the body.
    position: u64,
    transport: T,
    body: Option<T::Body>,
}

impl<T: Transport> FileResponse<T> {
    /// Requests a file or a range of it.
    pub async fn get(
        transport: &T,
        policy: &DownloadPolicy,
        url: &str,
        range: Option<ByteRange>,
    ) -> Result<Found<Self>, RequestError> {
        let response = match transport.timeout(policy.silence, transport.get(url, range)).await {
            Some(response) => response.map_err(RequestError::Unreachable)?,
            None => return Err(RequestError::Unreachable(messages::server_silent())),
        };
        if let Some(reason) = refusal::reason(response.status, &response.headers) {
            return Err(RequestError::Permanent(reason));
        }
        if matches!(response.status, 404 | 410) {
            return Ok(Found::Nothing);
        }
        // A page that reports a failure is different.
        if response.is_ok() && response.headers.get("content-type").starts_with("text/html") {
            return Ok(Found::Page);
        }
        let Extent { position, total, ranged } = extent(&response, range, transport.now())?;
        let header = |name| response.headers.get(name);
        let validator = ["etag", "last-modified"].map(header).into_iter().find(|it| !it.is_empty());
        let version = FileVersion {
            total,
            validator: validator.unwrap_or_default().to_string(),
            sha256: version::sha256(header("x-linked-etag"), header("etag"), response.redirected),
        };
        let body = if response.is_ok() { response.body } else { None };
        let transport = transport.clone();
        Ok(Found::File(FileResponse { version, ranged, position, transport, body }))
    }

    /// Returns the next bytes with their offset in the file; `None` at the end of the body.
    pub async fn next(
        &mut self,
        policy: &DownloadPolicy,
    ) -> Result<Option<(u64, T::Bytes)>, RequestError> {
        let Some(body) = &mut self.body else { return Ok(None) };
        let bytes = match self.transport.timeout(policy.silence, body.next()).await {
            Some(bytes) => bytes.map_err(RequestError::transient)?,
            None => return Err(RequestError::transient(messages::connection_silent())),
        };
        Ok(bytes.map(|bytes| {
            let offset = self.position;
            self.position += bytes.len() as u64;
            (offset, bytes)
        }))
    }
}

/// Place of a body in its file.
struct Extent {
    /// Offset of its first byte.
    position: u64,
    /// Length of the whole file, if known.
    total: Option<u64>,
    ranged: bool,
}

fn extent<B>(
    response: &Response<B>,
    range: Option<ByteRange>,
    now: f64,
) -> Result<Extent, RequestError> {
    let headers = &response.headers;
    let length = headers.get("content-length").parse::<u64>().ok();
    let content_range = headers.get("content-range");
    let whole = |total| Ok(Extent { position: 0, total, ranged: false });
    let part = |position, total| Ok(Extent { position, total, ranged: true });
    match (response.status, range) {
        // Browsers unpack compressed bodies, so the length may be that of the compressed file.
        (200, None) => whole(None),
        (200, Some(_)) if !headers.get("content-encoding").is_empty() => whole(None),
        (200, Some(_)) => whole(length),
        (206, Some(ByteRange { from, to })) => match parse_content_range(content_range) {
            Some((start, total)) if start <= from => part(start, total),
            Some(_) => Err(RequestError::Permanent(messages::another_part_sent())),
            // Servers of other origins may hide the header.
            None => part(from, length.filter(|_| to.is_none()).map(|length| from + length)),
        },
        (416, Some(ByteRange { from, .. })) => {
            match content_range.strip_prefix("bytes */").and_then(|n| n.parse().ok()) {
                Some(total) if total <= from => part(from, Some(total)),
                _ => Err(RequestError::Permanent(messages::part_not_sent())),
            }
        }
        (status, _) => {
            let status_line = format!("{status} {}", response.status_text);
            let reason = match status {
                401 | 407 => messages::sign_in_needed(status_line.trim_end()),
                403 => messages::access_refused(status_line.trim_end()),
                429 => messages::too_many_requests(status_line.trim_end()),
                451 => messages::legally_withheld(),
                500.. => messages::server_fault(status_line.trim_end()),
                _ => messages::server_answered(status_line.trim_end()),
            };
            Err(match status {
                408 | 429 | 500.. => {
                    RequestError::Transient { reason, retry_after: retry_after(headers, now) }
                }
                _ => RequestError::Permanent(reason),
            })
        }
    }
}

/// Returns the wait that the server asks for, in seconds or as a date.
fn retry_after(headers: &Headers, now: f64) -> Option<Duration> {
    let value = headers.get("retry-after").trim();
    let milliseconds = match value.parse::<u32>() {
        Ok(seconds) => f64::from(seconds) * 1_000.0,
        Err(_) => date::parse(value)? - now,
    };
    (milliseconds > 0.0).then(|| Duration::from_millis(milliseconds as u64))
}

/// `bytes 10-19/100` → `(10, Some(100))`.
fn parse_content_range(value: &str) -> Option<(u64, Option<u64>)> {
    let (part, total) = value.strip_prefix("bytes ")?.split_once('/')?;
    let (start, _) = part.split_once('-')?;
    Some((start.parse().ok()?, total.parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::parse_content_range;

    #[test]
    fn content_range_gives_start_and_total() {
        assert_eq!(parse_content_range("bytes 10-19/100"), Some((10, Some(100))));
        assert_eq!(parse_content_range("bytes 0-0/*"), Some((0, None)));
        assert_eq!(parse_content_range("bytes */100"), None);
        assert_eq!(parse_content_range(""), None);
    }
}
