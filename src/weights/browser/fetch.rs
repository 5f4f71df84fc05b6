//! Requests by the Fetch API.

use std::time::Duration;

use js_sys::{IteratorNext, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, ReadableStreamDefaultReader, Request, RequestInit, Window, WorkerGlobalScope,
};

use super::promise::{sleep, text_of};
use crate::error::{Message, messages};
use crate::weights::http::{Body, ByteRange, Clock, Headers, Response, Transport};

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
        let abort = AbortOnDrop(AbortController::new().map_err(reason)?);
        let response = fetch(&request(url, range, &abort.0).map_err(reason)?);
        let response = JsFuture::from(response).await.map_err(reason)?;
        let response: web_sys::Response = response.unchecked_into();
        let headers = response.headers();
        let reader = response.body().map(|body| ReadableStreamDefaultReader::new(&body));
        let reader = reader.transpose().map_err(reason)?;
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
        let read = JsFuture::from(self.reader.read()).await.map_err(reason)?;
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
    if let Some(ByteRange { from, to }) = range {
        let last = to.map(|to| to.saturating_sub(1).to_string()).unwrap_or_default();
        let headers = web_sys::Headers::new()?;
        // In this form it may go to another origin without a preflight request.
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

/// Chromium has one text for a lost network, an unknown server and a forbidden origin.
fn reason(exception: JsValue) -> Message {
    match text_of(&exception) {
        Message::Verbatim(text) if text == "Failed to fetch" => messages::server_unreachable(),
        text => text,
    }
}
