//! Who runs the pipeline: a page's worker, a terminal, a test.

use std::cell::RefCell;

use crate::error::{Error, Id, Message, Result};
use crate::image::RgbImage;
use crate::model::{BlockBoundary, Interrupted, Unfinished};

/// What happens during a run, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A network is being loaded for its part of the run: there is not room for all at once.
    Loading {
        /// Its name for people.
        what: Id,
        /// Bytes that are there.
        done: u64,
        /// Bytes that there will be.
        total: u64,
    },
    /// A prompt was longer than the text encoder reads; this is the part that was left out.
    PromptTruncated {
        /// `prompt` or `negative_prompt`.
        field: &'static str,
        /// The words that have no effect.
        lost: String,
    },
    /// The picture that was given is being encoded.
    Encoding,
    /// A denoising step is done.
    Step {
        /// How many are done, from 1.
        done: usize,
        /// How many there are.
        total: usize,
        /// The picture so far, if the host wants previews and the model has a projection.
        preview: Option<RgbImage>,
    },
    /// The latents are being decoded.
    Decoding {
        /// How many blocks of the autoencoder are done.
        done: usize,
        /// How many there are, if that is known; else 0.
        total: usize,
    },
}

/// The pipeline's surroundings.
#[allow(async_fn_in_trait)] // Everything runs on one thread: no `Send` bound is wanted.
pub trait Host {
    /// Called between any two blocks of a network: the place to let the event loop run, and to end
    /// the run with an error ([`Error::Cancelled`], a failed GPU).
    async fn breathe(&self) -> Result<()>;

    /// Something happened.
    fn report(&self, event: Event);

    /// Whether [`Event::Step`] should carry a preview. Each costs a read-back from the device.
    fn wants_preview(&self) -> bool;
}

const NOT_CACHED: &str = "a step was not prepared";

/// Passes a host's answer through the networks, which know no errors but being interrupted.
pub struct Boundary<'a, H> {
    host: &'a H,
    error: RefCell<Option<Error>>,
    /// What to tell of the parts of a pass.
    event: Option<fn(usize, usize) -> Event>,
}

impl<'a, H: Host> Boundary<'a, H> {
    /// Returns a boundary that passes on what `host` says.
    pub fn new(host: &'a H) -> Self {
        Boundary { host, error: RefCell::new(None), event: None }
    }

    /// The host hears of the parts of a pass: how many are done of how many.
    pub fn telling(self, event: fn(usize, usize) -> Event) -> Self {
        Boundary { event: Some(event), ..self }
    }

    /// Why the pass has no result.
    pub fn reason(&self, why: impl Into<Unfinished>) -> Error {
        match why.into() {
            Unfinished::Interrupted => self.error.take().unwrap_or(Error::Cancelled),
            Unfinished::NotCached => Error::Internal { reason: Message::verbatim(NOT_CACHED) },
            Unfinished::Residuals { expected, given } => {
                let reason = format!("{given} residuals for {expected} skip connections");
                Error::Internal { reason: Message::verbatim(reason) }
            }
        }
    }
}

impl<H: Host> BlockBoundary for Boundary<'_, H> {
    async fn reached(&self) -> Result<(), Interrupted> {
        self.host.breathe().await.map_err(|error| {
            self.error.replace(Some(error));
            Interrupted
        })
    }

    fn part(&self, done: usize, total: usize) {
        if let Some(event) = self.event {
            self.host.report(event(done, total));
        }
    }
}
