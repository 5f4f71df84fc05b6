//! Callbacks of a run: progress, yielding and cancellation.

use std::cell::RefCell;

use crate::error::{Error, Id, Message, Result};
use crate::image::RgbImage;
use crate::model::{Interrupted, Unfinished, YieldPoint};

/// Progress of a run. The variants are in the order in which they occur.
#[derive(Debug, Clone, PartialEq)]
pub enum PipelineEvent {
    /// A network is being loaded, because memory does not suffice for all of them at once.
    Loading {
        /// Display name of the network.
        what: Id,
        /// Bytes loaded so far.
        done: u64,
        /// Bytes in all.
        total: u64,
    },
    /// A prompt was longer than the text encoder's input.
    PromptTruncated {
        /// `prompt` or `negative_prompt`.
        field: &'static str,
        /// The end of the prompt, which has no effect.
        removed_text: String,
    },
    /// The init image is being encoded.
    Encoding,
    /// A denoising step has finished.
    Step {
        /// Finished steps, from 1.
        done: usize,
        /// Steps in all.
        total: usize,
        /// Current image, if the callbacks want previews and the model can make them.
        preview: Option<RgbImage>,
    },
    /// The latents are being decoded.
    Decoding {
        /// Finished blocks of the autoencoder.
        done: usize,
        /// Blocks in all; 0 as long as that is unknown.
        total: usize,
    },
}

/// Callbacks of the caller of a pipeline: a worker, a terminal, a test.
#[allow(async_fn_in_trait)] // Everything runs on one thread: no `Send` bound is wanted.
pub trait Callbacks {
    /// Yields to the event loop. Called between any two blocks of a network. An error, such as
    /// [`Error::Cancelled`] or a failed GPU, ends the run.
    async fn yield_now(&self) -> Result<()>;

    /// Receives the progress of the run.
    fn report(&self, event: PipelineEvent);

    /// Returns whether [`PipelineEvent::Step`] should carry a preview. Each preview costs a
    /// read-back from the device.
    fn wants_preview(&self) -> bool;
}

const NOT_CACHED: &str = "a step was not prepared";

/// The [`YieldPoint`] of a run's networks. It keeps the error of the callbacks, because networks
/// know only [`Interrupted`].
pub struct CallbackYieldPoint<'a, H> {
    callbacks: &'a H,
    error: RefCell<Option<Error>>,
    /// Makes an event of the finished and all parts of a pass.
    event: Option<fn(usize, usize) -> PipelineEvent>,
}

impl<'a, H: Callbacks> CallbackYieldPoint<'a, H> {
    /// Returns a yield point that calls [`Callbacks::yield_now`].
    pub fn new(callbacks: &'a H) -> Self {
        CallbackYieldPoint { callbacks, error: RefCell::new(None), event: None }
    }

    /// Reports the progress of the pass, too: `event` gets the finished parts and all parts.
    pub fn with_progress(self, event: fn(usize, usize) -> PipelineEvent) -> Self {
        CallbackYieldPoint { event: Some(event), ..self }
    }

    /// Returns the error that ended the pass.
    pub fn error(&self, why: impl Into<Unfinished>) -> Error {
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

impl<H: Callbacks> YieldPoint for CallbackYieldPoint<'_, H> {
    async fn yield_now(&self) -> Result<(), Interrupted> {
        self.callbacks.yield_now().await.map_err(|error| {
            self.error.replace(Some(error));
            Interrupted
        })
    }

    fn progress(&self, done: usize, total: usize) {
        if let Some(event) = self.event {
            self.callbacks.report(event(done, total));
        }
    }
}
