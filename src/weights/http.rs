//! Checkpoint behind an address. Only GET requests are sent.

mod date;
mod policy;
mod refusal;
mod response;
mod retry;
mod stream;
mod transport;
mod version;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;

pub use self::policy::DownloadPolicy;
pub use self::refusal::fetch_failure;
use self::response::{FileResponse, Found};
use self::retry::{RequestError, Retries, network};
pub use self::stream::{ByteStream, StreamError};
pub use self::transport::{Body, ByteRange, Clock, Headers, Response, Transport};
pub use self::version::FileVersion;
use super::address::Location;
use super::bytes::Bytes;
use super::source::Source;
use crate::error::{Error, Result, messages};

/// A folder, or a single file, on a web server.
#[derive(Debug, Clone)]
pub struct Http<T> {
    location: Location,
    transport: T,
    policy: Rc<DownloadPolicy>,
    contact: Rc<RefCell<Contact>>,
    /// Files for which the server sent a web page.
    pages: Rc<RefCell<BTreeSet<String>>>,
}

/// Whether the server has answered.
///
/// A wrong name, a missing network or a server that forbids other pages fails at the first request
/// and at every other one: the user then shall not wait for the attempts at each of a dozen small
/// files. A server that has answered once is tried as often as the policy says.
#[derive(Debug, Clone)]
enum Contact {
    /// Nothing was asked yet.
    Unknown,
    /// It has answered.
    Answered,
    /// It has not; the error is that of all further small files.
    Unreachable(Error),
}

/// A file as the server describes it.
#[derive(Debug, Clone)]
pub struct FileInfo {
    /// Its version. The length is known.
    pub version: FileVersion,
    /// Whether the server sends ranges of it.
    pub ranged: bool,
    /// Its length.
    pub total: u64,
}

impl<T: Transport> Http<T> {
    /// The checkpoint at an absolute address: a folder, or a `.safetensors` file. The part after
    /// `?` belongs to every request.
    pub fn new(address: impl AsRef<str>, transport: T, policy: DownloadPolicy) -> Self {
        let location = Location::new(address.as_ref());
        let contact = Rc::new(RefCell::new(Contact::Unknown));
        let pages = Rc::default();
        Http { location, transport, policy: Rc::new(policy), contact, pages }
    }

    /// Returns the sizes, time-outs and numbers of attempts in use.
    pub fn policy(&self) -> &DownloadPolicy {
        &self.policy
    }

    /// Returns the clock that downloads use.
    pub fn clock(&self) -> &impl Clock {
        &self.transport
    }

    /// Returns the address at which a file is requested.
    pub fn url(&self, path: &str) -> String {
        self.location.url(path)
    }

    /// Returns the address of a file without the part after `?`, a signature that changes. The file
    /// is stored under this address.
    pub fn stored_url(&self, path: &str) -> String {
        self.location.bare_url(path)
    }

    /// Starts to download the bytes of a file from `from` up to `to`, or to its end; `None` if
    /// there is no such file.
    ///
    /// # Errors
    /// [`Error::Network`] if the server cannot be reached after several attempts or refuses.
    pub async fn stream(
        &self,
        path: &str,
        from: u64,
        to: Option<u64>,
    ) -> Result<Option<ByteStream<T>>> {
        let retries = Retries::new(self.policy.back_off.len());
        self.open(path, ByteRange { from, to }, retries).await
    }

    async fn open(
        &self,
        path: &str,
        range: ByteRange,
        retries: Retries,
    ) -> Result<Option<ByteStream<T>>> {
        if self.is_absent(path) {
            return Ok(None);
        }
        let (transport, policy) = (self.transport.clone(), Rc::clone(&self.policy));
        let opened = ByteStream::open(transport, policy, self.url(path), range, retries).await;
        if opened.is_ok() {
            self.contact.replace(Contact::Answered);
        }
        Ok(self.present(path, opened?))
    }

    /// Returns a file that is there, and remembers whether a page came in its place.
    fn present<F>(&self, path: &str, found: Found<F>) -> Option<F> {
        let mut pages = self.pages.borrow_mut();
        match &found {
            Found::Page => pages.insert(path.to_string()),
            Found::File(_) | Found::Nothing => pages.remove(path),
        };
        match found {
            Found::File(file) => Some(file),
            Found::Nothing | Found::Page => None,
        }
    }

    /// Returns the attempts for a small file or a length.
    ///
    /// # Errors
    /// If the server could not be reached before.
    fn small_file_retries(&self) -> Result<Retries> {
        let retries = Retries::new(self.policy.small_file_retries);
        match &*self.contact.borrow() {
            Contact::Unknown => Ok(retries.while_unreachable(1)),
            Contact::Answered => Ok(retries),
            Contact::Unreachable(error) => Err(error.clone()),
        }
    }

    /// Remembers that the server could not be reached, unless it has answered before.
    fn note_failure(&self, error: &Error) {
        let mut contact = self.contact.borrow_mut();
        if matches!(*contact, Contact::Unknown) {
            *contact = Contact::Unreachable(error.clone());
        }
    }

    /// Requests one byte of a file to learn its length and version; `None` if there is no such
    /// file.
    ///
    /// # Errors
    /// [`Error::Network`] if the server cannot be reached, refuses, or does not give the length.
    pub async fn file_info(&self, path: &str) -> Result<Option<FileInfo>> {
        let mut ranged = None;
        // A server of another origin may hide the header with the length of a range's file; that of
        // the whole file is never hidden.
        for to in [Some(1), None] {
            if self.is_absent(path) {
                return Ok(None);
            }
            let retries = self.small_file_retries()?;
            let opened = self.open(path, ByteRange { from: 0, to }, retries).await;
            let stream = opened.inspect_err(|error| self.note_failure(error))?;
            let Some(stream) = stream else { return Ok(None) };
            let ranged = *ranged.get_or_insert(stream.ranged());
            let version = stream.version().clone();
            if let Some(total) = version.total {
                return Ok(Some(FileInfo { version, ranged, total }));
            }
        }
        Err(network(&self.url(path), messages::length_unknown()))
    }

    /// Downloads the bytes `range` of a file.
    ///
    /// # Errors
    /// As [`Source::read`].
    pub(super) async fn bytes(&self, path: &str, range: Range<u64>) -> Result<T::Bytes> {
        let url = self.url(path);
        let stream = self.stream(path, range.start, Some(range.end)).await?;
        let mut stream = stream.ok_or_else(|| self.missing(path))?;
        // A range that is too long for a buffer is too long for every caller.
        let len = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
        let mut received = T::Bytes::zeroed(len);
        let mut filled = 0;
        while let Some(bytes) = stream.next().await.map_err(|error| error.into_error(&url))? {
            received.write(filled, &bytes);
            filled += bytes.len();
        }
        if filled == len {
            return Ok(received);
        }
        let end = range.start + filled as u64;
        Err(network(&url, messages::ends_at_byte(end, range.end)))
    }

    /// Reads a small file as a whole, with a single attempt. See [`Source::read_small`].
    pub(super) async fn read_small_once(&self, path: &str) -> Result<Option<Vec<u8>>> {
        self.read_small_retrying(path, Retries::new(0)).await
    }

    async fn read_small_retrying(
        &self,
        path: &str,
        mut retries: Retries,
    ) -> Result<Option<Vec<u8>>> {
        if self.is_absent(path) {
            return Ok(None);
        }
        let url = self.url(path);
        loop {
            let error = match self.whole(path, &url).await {
                Ok(bytes) => {
                    self.contact.replace(Contact::Answered);
                    return Ok(bytes);
                }
                Err(error) => error,
            };
            if !matches!(error, RequestError::Unreachable(_)) {
                self.contact.replace(Contact::Answered);
            }
            retries.wait(error, &self.policy, &self.transport, &url).await?;
        }
    }

    async fn whole(&self, path: &str, url: &str) -> Result<Option<Vec<u8>>, RequestError> {
        let response = FileResponse::get(&self.transport, &self.policy, url, None).await?;
        let Some(mut response) = self.present(path, response) else { return Ok(None) };
        let mut whole = Vec::new();
        while let Some((_, bytes)) = response.next(&self.policy).await? {
            whole.extend(bytes.to_vec());
            if whole.len() > self.policy.max_small_file {
                return Err(RequestError::Permanent(messages::longer_than_any_config()));
            }
        }
        Ok(Some(whole))
    }

    /// Whether a file cannot exist: this is a single file, and another one.
    fn is_absent(&self, path: &str) -> bool {
        self.single_file().is_some_and(|file| file != path)
    }
}

impl<T: Transport> Source for Http<T> {
    fn place(&self) -> String {
        self.location.place()
    }

    fn single_file(&self) -> Option<&str> {
        self.location.file.as_deref()
    }

    fn missing(&self, path: &str) -> Error {
        let place = match self.pages.borrow().contains(path) {
            true => messages::address_of_page(self.place()),
            false => messages::address_without_file(self.place()),
        };
        Error::MissingFile { path: path.to_string(), place }
    }

    async fn identity(&self, path: &str) -> Result<Option<String>> {
        let info = self.file_info(path).await?;
        Ok(info.map(|info| info.version.validator).filter(|validator| !validator.is_empty()))
    }

    async fn len(&self, path: &str) -> Result<Option<u64>> {
        Ok(self.file_info(path).await?.map(|info| info.total))
    }

    async fn read(&self, path: &str, range: Range<u64>) -> Result<Vec<u8>> {
        if range.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.bytes(path, range).await?.to_vec())
    }

    async fn read_small(&self, path: &str) -> Result<Option<Vec<u8>>> {
        let read = self.read_small_retrying(path, self.small_file_retries()?).await;
        read.inspect_err(|error| self.note_failure(error))
    }
}
