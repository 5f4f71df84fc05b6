//! Sources of a model's bytes in the browser.

use std::ops::Range;
use std::rc::Rc;

use crate::app::message::PickedFile;
use crate::app::protocol::{ModelChoice, Origin, Place};
use crate::error::{Error, Result};
use crate::weights::Source;
use crate::weights::address::Address;
use crate::weights::browser::{Blobs, CachedHttp, Fetch, cached_http};
use crate::weights::cache::Transfer;
use crate::weights::http::DownloadPolicy;
use crate::weights::repository_files::resolved;

/// One of the two sources of the worker.
pub enum ModelSource {
    /// A server, cached in the browser's storage.
    Kept(Box<CachedHttp>),
    /// Files on the user's disk.
    Picked(Blobs),
}

/// A source, and a preliminary name of the model.
pub struct NamedSource {
    /// The bytes.
    pub source: ModelSource,
    /// Display name until the model's own is known.
    pub name: String,
}

impl NamedSource {
    /// Opens the source of `choice`. `listener` is called for each transfer from a server.
    ///
    /// # Errors
    /// If the typed text is not an address.
    pub async fn open(
        choice: &ModelChoice,
        files: Vec<PickedFile>,
        listener: Rc<dyn Fn(Transfer)>,
    ) -> Result<Self> {
        match &choice.place {
            Place::Picked { name } => {
                let files = files.into_iter().map(|(path, file)| (path, file.into()));
                let source = Blobs::new(files)?;
                // The page names the first file, which may be a note beside the model.
                let name = without_ending(source.single_file().unwrap_or(name)).to_string();
                Ok(NamedSource { source: ModelSource::Picked(source), name })
            }
            Place::Address { text, base } => {
                let address = Address::parse(text, |relative| {
                    web_sys::Url::new_with_base(relative, base).ok().map(|url| url.href())
                })?;
                let address = resolved(address, Fetch, DownloadPolicy::default()).await;
                let Address { location, name, .. } = address;
                let source = cached_http(location.address(), listener).await;
                Ok(NamedSource { source: ModelSource::Kept(Box::new(source)), name })
            }
        }
    }
}

/// Returns a file's name without `.safetensors`, in any case of letters.
fn without_ending(name: &str) -> &str {
    const ENDING: &str = ".safetensors";
    let end = name.len().saturating_sub(ENDING.len());
    match name.get(end..) {
        Some(ending) if ending.eq_ignore_ascii_case(ENDING) => &name[..end],
        _ => name,
    }
}

impl ModelSource {
    /// Returns where the weights come from if `left` bytes are not stored yet.
    pub fn origin(&self, left: u64) -> Origin {
        match self {
            ModelSource::Picked(_) => Origin::Disk,
            ModelSource::Kept(_) if left == 0 => Origin::Browser,
            ModelSource::Kept(_) => Origin::Network,
        }
    }
}

impl Source for ModelSource {
    fn place(&self) -> String {
        match self {
            ModelSource::Kept(source) => source.place(),
            ModelSource::Picked(source) => source.place(),
        }
    }

    fn single_file(&self) -> Option<&str> {
        match self {
            ModelSource::Kept(source) => source.single_file(),
            ModelSource::Picked(source) => source.single_file(),
        }
    }

    fn missing(&self, path: &str) -> Error {
        match self {
            ModelSource::Kept(source) => source.missing(path),
            ModelSource::Picked(source) => source.missing(path),
        }
    }

    async fn identity(&self, path: &str) -> Result<Option<String>> {
        match self {
            ModelSource::Kept(source) => source.identity(path).await,
            ModelSource::Picked(source) => source.identity(path).await,
        }
    }

    async fn fetch(&self, paths: &[String]) -> Result<()> {
        match self {
            ModelSource::Kept(source) => source.fetch(paths).await,
            ModelSource::Picked(source) => source.fetch(paths).await,
        }
    }

    async fn len(&self, path: &str) -> Result<Option<u64>> {
        match self {
            ModelSource::Kept(source) => source.len(path).await,
            ModelSource::Picked(source) => source.len(path).await,
        }
    }

    async fn read(&self, path: &str, range: Range<u64>) -> Result<Vec<u8>> {
        match self {
            ModelSource::Kept(source) => source.read(path, range).await,
            ModelSource::Picked(source) => source.read(path, range).await,
        }
    }

    async fn read_small(&self, path: &str) -> Result<Option<Vec<u8>>> {
        match self {
            ModelSource::Kept(source) => source.read_small(path).await,
            ModelSource::Picked(source) => source.read_small(path).await,
        }
    }
}
