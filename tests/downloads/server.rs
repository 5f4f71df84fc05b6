//! Server of a checkpoint that misbehaves on request.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use hearth::error::Message;
use hearth::weights::http::{Body, ByteRange, Clock, Headers, Response, Transport};

use crate::buffer::Buffer;
use crate::time::VirtualTime;

/// Where the checkpoint is.
pub const PLACE: &str = "https://models.example/a/";

/// 1 January 2026, when virtual time begins, in milliseconds since 1970.
pub const START: f64 = 1_767_225_600_000.0;

/// A way in which one response is bad.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The server is not reached.
    Unreachable,
    /// The server does not answer.
    Silent,
    /// This status, and a page that reports it; with a `Retry-After`, unless it is empty.
    Status(u16, String),
    /// 200 and a page, as servers of single-page programs answer for every file that they lack.
    Page,
    /// The connection breaks after so many bytes.
    Cut(u64),
    /// The body ends after so many bytes, as if that were all.
    End(u64),
    /// The connection falls silent after so many bytes.
    Stall(u64),
    /// The whole file, whatever range was requested.
    Unranged,
    /// `Content-Length` gives so many bytes too many or too few; browsers fail or stop there.
    Length(i64),
    /// `Content-Range` gives a file that is so much longer or shorter.
    Total(i64),
    /// No `Content-Range`, as from a server of another origin that does not expose it.
    HiddenRange,
    /// Another `ETag`.
    ETag(String),
    /// The byte at this offset of the file has other bits.
    Flip(u64),
}

/// A request that was made.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Path inside the checkpoint.
    pub path: String,
    /// The requested bytes; `None` for a request without a range.
    pub range: Option<ByteRange>,
    pub at: Duration,
    pub status: u16,
    /// Bytes that were delivered.
    pub sent: u64,
}

impl Asked {
    /// Where the requested bytes begin.
    pub fn from(&self) -> u64 {
        self.range.map_or(0, |range| range.from)
    }

    /// Whether weights were asked for, and not only the length of their file.
    pub fn is_download(&self) -> bool {
        self.range.is_some_and(|range| range.from > 0 || range.to != Some(1))
    }
}

/// Bytes and `ETag`.
type ServedFile = (Rc<Vec<u8>>, String);

type Rule = Box<dyn FnMut(&Asked) -> Vec<Fault>>;

/// The server. Copies are the same server.
#[derive(Clone)]
pub struct Server {
    state: Rc<State>,
}

struct State {
    time: VirtualTime,
    files: RefCell<BTreeMap<String, ServedFile>>,
    asked: RefCell<Vec<Asked>>,
    rule: RefCell<Option<Rule>>,
    /// Whether it understands ranges.
    ranges: Cell<bool>,
    open: Cell<usize>,
    most_open: Cell<usize>,
}

impl Server {
    pub fn new(time: &VirtualTime) -> Self {
        Server {
            state: Rc::new(State {
                time: time.clone(),
                files: RefCell::default(),
                asked: RefCell::default(),
                rule: RefCell::default(),
                ranges: Cell::new(true),
                open: Cell::default(),
                most_open: Cell::default(),
            }),
        }
    }

    pub fn put(&self, path: &str, bytes: &[u8], etag: &str) {
        let file = (Rc::new(bytes.to_vec()), etag.to_string());
        self.state.files.borrow_mut().insert(path.to_string(), file);
    }

    pub fn remove(&self, path: &str) {
        self.state.files.borrow_mut().remove(path);
    }

    pub fn set_ranges(&self, ranges: bool) {
        self.state.ranges.set(ranges);
    }

    /// From now on `rule` chooses the faults of each response.
    pub fn spoil(&self, rule: impl FnMut(&Asked) -> Vec<Fault> + 'static) {
        self.state.rule.replace(Some(Box::new(rule)));
    }

    /// From now on the faults are used up by the downloads of `path`, one response after the other.
    pub fn spoil_downloads(&self, path: &str, faults: Vec<Vec<Fault>>) {
        let (path, mut faults) = (path.to_string(), faults.into_iter());
        self.spoil(move |asked| match asked.path == path && asked.is_download() {
            true => faults.next().unwrap_or_default(),
            false => Vec::new(),
        });
    }

    /// No response is bad any more.
    pub fn heal(&self) {
        self.state.rule.replace(None);
    }

    /// The requests since the last call.
    pub fn take_asked(&self) -> Vec<Asked> {
        self.state.asked.take()
    }

    /// The requests for weights since the last call.
    pub fn take_downloads(&self) -> Vec<Asked> {
        let is_weights = |asked: &Asked| asked.path.ends_with(".safetensors");
        let asked = self.take_asked().into_iter();
        asked.filter(|asked| is_weights(asked) && asked.is_download()).collect()
    }

    /// The most responses that were open at once.
    pub fn most_open(&self) -> usize {
        self.state.most_open.get()
    }

    /// A few milliseconds that differ from event to event, so that responses overtake each other.
    async fn latency(&self) {
        let events = self.state.asked.borrow().iter().map(|asked| asked.sent).sum::<u64>();
        let milliseconds = 1 + (events.wrapping_mul(2_654_435_761) >> 7) % 23;
        self.state.time.sleep(Duration::from_millis(milliseconds)).await;
    }
}

impl Clock for Server {
    fn now(&self) -> f64 {
        START + self.state.time.now().as_millis() as f64
    }

    async fn sleep(&self, time: Duration) {
        self.state.time.sleep(time).await;
    }
}

impl Transport for Server {
    type Bytes = Buffer;
    type Body = ServerBody;

    async fn get(
        &self,
        url: &str,
        range: Option<ByteRange>,
    ) -> Result<Response<ServerBody>, Message> {
        let path = url.strip_prefix(PLACE).expect("another server was asked").to_string();
        let at = self.state.time.now();
        let asked = Asked { path: path.clone(), range, at, status: 0, sent: 0 };
        let faults = self.state.rule.borrow_mut().as_mut().map(|rule| rule(&asked));
        let faults = faults.unwrap_or_default();
        let index = self.state.asked.borrow().len();
        self.state.asked.borrow_mut().push(asked);
        let open = Open::new(self);
        self.latency().await;

        let mut headers = BTreeMap::new();
        let file = self.state.files.borrow().get(&path).cloned();
        for fault in &faults {
            match fault {
                Fault::Unreachable => return Err(Message::verbatim("the network is down")),
                Fault::Silent => std::future::pending().await,
                Fault::Status(status, retry_after) => {
                    headers.insert("content-type", "text/html".to_string());
                    headers.insert("retry-after", retry_after.clone());
                    return Ok(self.answer(index, *status, headers, None));
                }
                Fault::Page => {
                    headers.insert("content-type", "text/html; charset=utf-8".to_string());
                    return Ok(self.answer(index, 200, headers, None));
                }
                _ => {}
            }
        }
        let Some((bytes, etag)) = file else {
            return Ok(self.answer(index, 404, headers, None));
        };
        headers.insert("etag", etag);
        let is_unranged = faults.iter().any(|fault| matches!(fault, Fault::Unranged));
        let whole = bytes.len() as u64;
        let range = range.filter(|_| self.state.ranges.get() && !is_unranged);
        let from = range.map_or(0, |range| range.from);
        let to = range.and_then(|range| range.to).unwrap_or(whole).min(whole);
        if from >= whole && range.is_some() {
            headers.insert("content-range", format!("bytes */{whole}"));
            return Ok(self.answer(index, 416, headers, None));
        }
        let mut body = ServerBody {
            server: self.clone(),
            index,
            bytes: bytes[from as usize..to as usize].to_vec(),
            position: 0,
            end: Ending::Complete,
            _open: open,
        };
        headers.insert("content-length", (to - from).to_string());
        if range.is_some() {
            headers.insert("content-range", format!("bytes {from}-{}/{whole}", to - 1));
        }
        for fault in faults {
            body.spoil(fault, from, whole, &mut headers);
        }
        Ok(self.answer(index, if range.is_some() { 206 } else { 200 }, headers, Some(body)))
    }
}

impl Server {
    fn answer(
        &self,
        index: usize,
        status: u16,
        headers: BTreeMap<&str, String>,
        body: Option<ServerBody>,
    ) -> Response<ServerBody> {
        if let Some(asked) = self.state.asked.borrow_mut().get_mut(index) {
            asked.status = status;
        }
        Response {
            status,
            status_text: String::new(),
            redirected: false,
            headers: Headers::read(|name| headers.get(name).cloned()),
            body,
        }
    }
}

/// The body of a response.
pub struct ServerBody {
    server: Server,
    index: usize,
    bytes: Vec<u8>,
    position: usize,
    end: Ending,
    _open: Open,
}

enum Ending {
    Complete,
    Broken,
    Silent,
}

impl ServerBody {
    fn spoil(
        &mut self,
        fault: Fault,
        from: u64,
        whole: u64,
        headers: &mut BTreeMap<&'static str, String>,
    ) {
        let len = self.bytes.len() as u64;
        let mut end = |at: u64, end: Ending| {
            if at < len {
                self.bytes.truncate(at as usize);
                self.end = end;
            }
        };
        match fault {
            Fault::Cut(at) => end(at, Ending::Broken),
            Fault::End(at) => end(at, Ending::Complete),
            Fault::Stall(at) => end(at, Ending::Silent),
            Fault::Length(more) => {
                headers.insert("content-length", len.saturating_add_signed(more).to_string());
                match more {
                    ..0 => end(len.saturating_add_signed(more), Ending::Complete),
                    _ => self.end = Ending::Broken,
                }
            }
            Fault::Total(more) => {
                if let Some(range) = headers.get_mut("content-range") {
                    let part = range.split('/').next().unwrap_or_default();
                    *range = format!("{part}/{}", whole.saturating_add_signed(more));
                }
            }
            Fault::HiddenRange => {
                headers.remove("content-range");
            }
            Fault::ETag(etag) => {
                headers.insert("etag", etag);
            }
            Fault::Flip(at) => {
                let at = at.checked_sub(from).and_then(|at| self.bytes.get_mut(at as usize));
                if let Some(byte) = at {
                    *byte ^= 0xff;
                }
            }
            Fault::Unreachable
            | Fault::Silent
            | Fault::Status(..)
            | Fault::Page
            | Fault::Unranged => {}
        }
    }
}

impl Body for ServerBody {
    type Bytes = Buffer;

    async fn next(&mut self) -> Result<Option<Buffer>, Message> {
        self.server.latency().await;
        if self.position == self.bytes.len() {
            return match self.end {
                Ending::Complete => Ok(None),
                Ending::Broken => Err(Message::verbatim("the connection was reset")),
                Ending::Silent => std::future::pending().await,
            };
        }
        // Lengths that fit no chunk.
        let count = (37 + self.position % 61).min(self.bytes.len() - self.position);
        let bytes = Buffer::new(&self.bytes[self.position..self.position + count]);
        self.position += count;
        if let Some(asked) = self.server.state.asked.borrow_mut().get_mut(self.index) {
            asked.sent += count as u64;
        }
        Ok(Some(bytes))
    }
}

/// Counts open responses.
struct Open(Server);

impl Open {
    fn new(server: &Server) -> Self {
        let State { open, most_open, .. } = &*server.state;
        open.set(open.get() + 1);
        most_open.set(most_open.get().max(open.get()));
        Open(server.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let open = &self.0.state.open;
        open.set(open.get() - 1);
    }
}
