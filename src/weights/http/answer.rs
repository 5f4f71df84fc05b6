//! One GET request and the server's answer to it.

use js_sys::{IteratorNext, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, Headers, ReadableStreamDefaultReader, Request, RequestInit, Response, Window,
    WorkerGlobalScope,
};

use super::origin::{self, Origin};
use super::promise::{within, words};
use super::retry::Failure;
use crate::error::{Message, messages};

/// A connection that is silent for so many milliseconds is taken for broken.
const SILENCE: u32 = 20_000;

/// An answer whose body is being read; dropped, the rest is not fetched.
pub struct Answer {
    pub origin: Origin,
    /// Whether the server sends the part that was asked for, and not the file from its beginning.
    pub ranged: bool,
    /// Offset in the file of the next byte of the body.
    position: u64,
    body: Option<ReadableStreamDefaultReader>,
    _abort: AbortOnDrop,
}

impl Answer {
    /// Asks for a file or for the part `(from, to)` of it; `None` if it does not exist.
    pub async fn get(
        url: &str,
        range: Option<(u64, Option<u64>)>,
    ) -> Result<Option<Self>, Failure> {
        let abort = AbortOnDrop(AbortController::new().map_err(broken)?);
        let sent = fetch(&request(url, range, &abort.0).map_err(broken)?);
        let response: Response = match within(SILENCE, JsFuture::from(sent)).await {
            Some(response) => response.map_err(broken)?.unchecked_into(),
            None => return Err(Failure::passing(messages::server_silent())),
        };
        let headers = response.headers();
        // A server made for single-page programs answers everything it does not have with a page. A
        // page that tells of a failure is another thing.
        let is_page = response.ok() && header(&headers, "content-type").starts_with("text/html");
        if matches!(response.status(), 404 | 410) || is_page {
            return Ok(None);
        }
        let Extent { position, total, ranged } = extent(&response, range)?;
        let version = ["etag", "last-modified"].map(|name| header(&headers, name));
        let version = version.into_iter().find(|mark| !mark.is_empty()).unwrap_or_default();
        let sha256 = origin::sha256(
            &header(&headers, "x-linked-etag"),
            &header(&headers, "etag"),
            response.redirected(),
        );
        let body = match response.body() {
            Some(body) if response.ok() => {
                Some(ReadableStreamDefaultReader::new(&body).map_err(broken)?)
            }
            _ => None,
        };
        let origin = Origin { total, version, sha256 };
        Ok(Some(Answer { origin, ranged, position, body, _abort: abort }))
    }

    /// The next bytes with their offset in the file; `None` at the body's end. They stay in
    /// JavaScript's memory.
    pub async fn piece(&mut self) -> Result<Option<(u64, Uint8Array)>, Failure> {
        let Some(body) = &self.body else { return Ok(None) };
        let read = within(SILENCE, JsFuture::from(body.read())).await;
        let Some(read) = read else {
            return Err(Failure::passing(messages::connection_silent()));
        };
        // `{ done, value }`, as iterators have it.
        let read: IteratorNext = read.map_err(broken)?.unchecked_into();
        if read.done() {
            return Ok(None);
        }
        let bytes: Uint8Array = read.value().unchecked_into();
        let offset = self.position;
        self.position += u64::from(bytes.length());
        Ok(Some((offset, bytes)))
    }
}

struct AbortOnDrop(AbortController);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn request(
    url: &str,
    range: Option<(u64, Option<u64>)>,
    abort: &AbortController,
) -> Result<Request, JsValue> {
    let init = RequestInit::new();
    init.set_signal(Some(&abort.signal()));
    // Weights are kept by this program and need no second copy in the browser's cache; of small
    // files a stale copy must not be mixed with new ones.
    let cache = if range.is_some() { "no-store" } else { "no-cache" };
    Reflect::set(&init, &"cache".into(), &cache.into())?;
    if let Some((from, to)) = range {
        let last = to.map(|to| to.saturating_sub(1).to_string()).unwrap_or_default();
        let headers = Headers::new()?;
        // In this form it may go to another origin without a request ahead of it.
        headers.set("range", &format!("bytes={from}-{last}"))?;
        init.set_headers(&headers);
    }
    Request::new_with_str_and_init(url, &init)
}

fn fetch(request: &Request) -> js_sys::Promise {
    let global = js_sys::global();
    match global.dyn_ref::<WorkerGlobalScope>() {
        Some(worker) => worker.fetch_with_request(request),
        None => global.unchecked_ref::<Window>().fetch_with_request(request),
    }
}

/// What a body is of its file.
struct Extent {
    /// Where in the file it begins.
    position: u64,
    /// Length of the whole file, if known.
    total: Option<u64>,
    ranged: bool,
}

fn extent(response: &Response, range: Option<(u64, Option<u64>)>) -> Result<Extent, Failure> {
    let headers = response.headers();
    let length = header(&headers, "content-length").parse::<u64>().ok();
    let content_range = header(&headers, "content-range");
    let whole = |total| Ok(Extent { position: 0, total, ranged: false });
    let part = |position, total| Ok(Extent { position, total, ranged: true });
    match (response.status(), range) {
        // The browser unpacks what was packed on the way, so the length may be another's.
        (200, None) => whole(None),
        (200, Some(_)) if !header(&headers, "content-encoding").is_empty() => whole(None),
        (200, Some(_)) => whole(length),
        (206, Some((from, to))) => match parse_content_range(&content_range) {
            Some((start, total)) if start <= from => part(start, total),
            Some(_) => Err(Failure::Lasting(messages::another_part_sent())),
            // Other origins may hide the header.
            None => part(from, length.filter(|_| to.is_none()).map(|length| from + length)),
        },
        (416, Some((from, _))) => {
            match content_range.strip_prefix("bytes */").and_then(|n| n.parse().ok()) {
                Some(total) if total <= from => part(from, Some(total)),
                _ => Err(Failure::Lasting(messages::part_not_sent())),
            }
        }
        (status, _) => {
            let status_line = format!("{status} {}", response.status_text());
            let reason = messages::server_answered(status_line.trim_end());
            Err(match status {
                408 | 429 | 500.. => Failure::Passing { reason, wait: retry_after(&headers) },
                _ => Failure::Lasting(reason),
            })
        }
    }
}

/// For how many milliseconds the server wants to be left alone, if it says so.
fn retry_after(headers: &Headers) -> Option<u32> {
    let value = header(headers, "retry-after");
    let milliseconds = match value.trim().parse::<u32>() {
        Ok(seconds) => f64::from(seconds) * 1_000.0,
        Err(_) => js_sys::Date::parse(&value) - js_sys::Date::now(), // A date, else not a number.
    };
    (milliseconds > 0.0).then_some(milliseconds as u32)
}

/// `bytes 10-19/100` → `(10, Some(100))`.
fn parse_content_range(value: &str) -> Option<(u64, Option<u64>)> {
    let (part, total) = value.strip_prefix("bytes ")?.split_once('/')?;
    let (start, _) = part.split_once('-')?;
    Some((start.parse().ok()?, total.parse().ok()))
}

fn header(headers: &Headers, name: &str) -> String {
    headers.get(name).ok().flatten().unwrap_or_default()
}

/// The browser says the same of a lost network, an unknown server and a forbidden origin: it may pass.
fn broken(thrown: JsValue) -> Failure {
    // Chrome's words for all three.
    match words(&thrown) {
        Message::Verbatim(said) if said == "Failed to fetch" => {
            Failure::passing(messages::server_unreachable())
        }
        reason => Failure::passing(reason),
    }
}

#[cfg(test)]
mod tests {
    use super::parse_content_range;

    #[test]
    fn content_range_says_where_and_how_long() {
        assert_eq!(parse_content_range("bytes 10-19/100"), Some((10, Some(100))));
        assert_eq!(parse_content_range("bytes 0-0/*"), Some((0, None)));
        assert_eq!(parse_content_range("bytes */100"), None);
        assert_eq!(parse_content_range(""), None);
    }
}
