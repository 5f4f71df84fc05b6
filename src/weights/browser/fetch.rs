//! Requests by the Fetch API.

use std::cell::RefCell;
use std::time::Duration;

use js_sys::{IteratorNext, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, ReadableStreamDefaultReader, Request, RequestInit, Window, WorkerGlobalScope,
};

use super::promise::{sleep, text_of};
use crate::error::{Message, messages};
use crate::weights::address::may_receive_token;
use crate::weights::http::{Body, ByteRange, Clock, Headers, Response, Transport, fetch_failure};

thread_local! {
    static HUB_TOKEN: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Sets the user's token of the Hub for all further requests; `None` for none.
pub fn set_hub_token(token: Option<String>) {
    HUB_TOKEN.set(token.filter(|token| !token.is_empty()));
}

/// Returns the token for a request to `url`: that of the Hub, for the Hub alone.
///
/// The Hub redirects requests for weights to other hosts. Browsers then drop the header: "If
/// request's current URL's origin is not same origin with locationURL's origin, then for each
/// headerName of CORS non-wildcard request-header name, delete headerName from request's header
/// list." (<https://fetch.spec.whatwg.org/#http-redirect-fetch>); that name is `Authorization`.
fn token_for(url: &str) -> Option<String> {
    may_receive_token(url).then(|| HUB_TOKEN.with_borrow(Option::clone)).flatten()
}

/// Sends requests with the browser's `fetch`.
#[derive(Debug, Clone, Copy)]
pub struct Fetch;

impl Clock for Fetch {
    fn now(&self) -> f64 {
        js_sys::Date::now()
    }

    async fn sleep(&self, time: Duration) {
        sleep(u32::try_from(time.as_millis()).unwrap_or(u32::MAX)).await;
    }
}

impl Transport for Fetch {
    type Bytes = Uint8Array;
    type Body = FetchBody;

    async fn get(
        &self,
        url: &str,
        range: Option<ByteRange>,
    ) -> Result<Response<FetchBody>, Message> {
        let abort = AbortOnDrop(AbortController::new().map_err(|error| text_of(&error))?);
        // The exception would repeat the whole address, with a key in it.
        let request = request(url, range, &abort.0).map_err(|_| messages::no_address())?;
        let response = fetch(&request);
        let response = JsFuture::from(response).await.map_err(network_failure)?;
        let response: web_sys::Response = response.unchecked_into();
        let headers = response.headers();
        let reader = response.body().map(|body| ReadableStreamDefaultReader::new(&body));
        let reader = reader.transpose().map_err(|error| text_of(&error))?;
        Ok(Response {
            status: response.status(),
            status_text: response.status_text(),
            redirected: response.redirected(),
            headers: Headers::read(|name| headers.get(name).ok().flatten()),
            body: reader.map(|reader| FetchBody { reader, _abort: abort }),
        })
    }
}

/// The body of a response; dropped, the rest is not fetched.
pub struct FetchBody {
    reader: ReadableStreamDefaultReader,
    _abort: AbortOnDrop,
}

impl Body for FetchBody {
    type Bytes = Uint8Array;

    async fn next(&mut self) -> Result<Option<Uint8Array>, Message> {
        let read = JsFuture::from(self.reader.read()).await;
        // `network error` in Chromium, `Error in input stream` in Firefox: no text for users.
        let read = read.map_err(|error| match error.is_instance_of::<js_sys::TypeError>() {
            true => messages::connection_ended(),
            false => text_of(&error),
        })?;
        // `{ done, value }`, as iterators have it.
        let read: IteratorNext = read.unchecked_into();
        Ok((!read.done()).then(|| read.value().unchecked_into()))
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
    range: Option<ByteRange>,
    abort: &AbortController,
) -> Result<Request, JsValue> {
    let init = RequestInit::new();
    init.set_signal(Some(&abort.signal()));
    // Weights are kept by this program and need no second copy in the browser's cache; a stale copy
    // of a small file must not be mixed with new ones.
    let cache = if range.is_some() { "no-store" } else { "no-cache" };
    Reflect::set(&init, &"cache".into(), &cache.into())?;
    // A worker does not take the policy of the page's `<meta name="referrer">`, and other people's
    // pages have none. Where a model comes from need not know which page wants it; the Hub answers
    // pages of some hosts (*.workers.dev) with 404.
    Reflect::set(&init, &"referrerPolicy".into(), &"no-referrer".into())?;
    let headers = web_sys::Headers::new()?;
    if let Some(ByteRange { from, to }) = range {
        let last = to.map(|to| to.saturating_sub(1).to_string()).unwrap_or_default();
        // In this form it may go to another origin without a preflight request.
        headers.set("range", &format!("bytes={from}-{last}"))?;
    }
    if let Some(token) = token_for(url) {
        headers.set("authorization", &format!("Bearer {token}"))?;
    }
    init.set_headers(&headers);
    Request::new_with_str_and_init(url, &init)
}

fn fetch(request: &Request) -> js_sys::Promise {
    let global = js_sys::global();
    match global.dyn_ref::<WorkerGlobalScope>() {
        Some(worker) => worker.fetch_with_request(request),
        None => global.unchecked_ref::<Window>().fetch_with_request(request),
    }
}

fn network_failure(exception: JsValue) -> Message {
    let error: Option<&js_sys::Error> = exception.dyn_ref();
    let name = error.map(|error| String::from(error.name())).unwrap_or_default();
    fetch_failure(&name, text_of(&exception))
}
