//! Interface between downloads and the platform that carries them out.

use std::collections::BTreeMap;
use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};

use crate::error::Message;
use crate::weights::bytes::Bytes;

/// The current time, and a way to wait.
#[allow(async_fn_in_trait)] // Everything runs on one thread: no `Send` bound is wanted.
pub trait Clock {
    /// Returns milliseconds since 1970.
    fn now(&self) -> f64;

    /// Waits.
    async fn sleep(&self, time: Duration);

    /// Waits for `future`, but no longer than `limit`.
    async fn timeout<R>(&self, limit: Duration, future: impl Future<Output = R>) -> Option<R> {
        match select(pin!(future), pin!(self.sleep(limit))).await {
            Either::Left((value, _)) => Some(value),
            Either::Right(_) => None,
        }
    }
}

/// Sends GET requests.
///
/// A request ends when its future or its [`Body`] is dropped. It may stay silent for ever: the
/// caller measures the time.
#[allow(async_fn_in_trait)]
pub trait Transport: Clock + Clone {
    /// What arrives.
    type Bytes: Bytes;
    /// The body of a response.
    type Body: Body<Bytes = Self::Bytes>;

    /// Sends a request for a file, or for `range` of it.
    ///
    /// # Errors
    /// Why the server could not be reached, as a clause.
    async fn get(
        &self,
        url: &str,
        range: Option<ByteRange>,
    ) -> Result<Response<Self::Body>, Message>;
}

/// The body of a response, as it arrives.
#[allow(async_fn_in_trait)]
pub trait Body {
    /// What arrives.
    type Bytes: Bytes;

    /// Returns the next bytes; `None` at the end.
    ///
    /// # Errors
    /// Why the connection broke, as a clause.
    async fn next(&mut self) -> Result<Option<Self::Bytes>, Message>;
}

/// The bytes of a file from `from` up to `to`, or to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRange {
    /// The first byte.
    pub from: u64,
    /// The byte after the last.
    pub to: Option<u64>,
}

/// A server's response.
#[derive(Debug)]
pub struct Response<B> {
    /// HTTP status code.
    pub status: u16,
    /// The server's text for it.
    pub status_text: String,
    /// Whether it came from another address than the one asked for.
    pub redirected: bool,
    /// Those headers that downloads look at.
    pub headers: Headers,
    /// `None` if the response has no body.
    pub body: Option<B>,
}

impl<B> Response<B> {
    /// Whether the status says success.
    pub fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// The headers of a response that downloads look at.
#[derive(Debug, Clone, Default)]
pub struct Headers(BTreeMap<&'static str, String>);

impl Headers {
    /// Their names.
    pub const NAMES: [&str; 10] = [
        "content-encoding",
        "content-length",
        "content-range",
        "content-type",
        "etag",
        "last-modified",
        "retry-after",
        "x-error-code",
        "x-error-message",
        "x-linked-etag",
    ];

    /// Reads them with `get`, which is called with each name.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Self {
        Headers(Self::NAMES.into_iter().filter_map(|name| Some((name, get(name)?))).collect())
    }

    /// Returns a header's value; empty if there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}
