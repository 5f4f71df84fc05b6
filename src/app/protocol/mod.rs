//! Messages between page and worker.
//!
//! They are plain data, posted as structured clones.
//!
//! The page sends a [`Request`]: a [`Command`] with a number. The worker answers with any number of
//! [`Event`]s and one [`Response`], all with the number of the request. The npm package is a second
//! client; `npm/src/protocol.d.ts` is generated from these types.

mod adapter;
mod command;
mod event;
mod init_image;
mod library;
mod metadata;
mod model;
mod prompt;
mod request;
mod response;
mod shared;
mod status;
mod tagged;
#[cfg(test)]
mod typescript;

use serde::{Deserialize, Serialize};

pub use self::adapter::{AdapterCard, FastSettings};
pub use self::command::{Command, DeviceChoice, HubToken};
pub use self::event::Event;
pub use self::init_image::{InitImagePixels, Pixels, Score, Scores};
pub use self::library::{Library, StoredModel};
pub use self::metadata::{ImageMetadata, ModelName, VaeName};
pub use self::model::{
    CPU_MEMORY, Card, FileChoice, FileChoiceKind, Memory, ModelChoice, ModelOptions, ModelSheet,
    Origin, Place, Plan,
};
pub use self::prompt::{PromptPart, PromptSummary};
pub use self::request::GenerateRequest;
pub use self::response::Response;
pub use self::shared::Shared;
pub use self::status::{ErrorReport, Note, Stage};
use self::tagged::tagged;

/// Page → worker. Files and pictures are attached to it (`message`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Request {
    /// The page's number for the request, used once.
    pub id: u32,
    /// The command.
    pub command: Command,
}

/// Worker → page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(tag = "type"))]
#[serde(remote = "Self", rename_all = "kebab-case")]
pub enum WorkerMessage {
    /// The worker has started and accepts requests.
    Started {
        /// Name of the Web Lock that the worker holds for its lifetime; empty if the browser has no
        /// locks.
        lifetime_lock: String,
    },
    /// The browser downloads the worker's program. Its loader sends this before `Started`.
    Fetching {
        /// Bytes received.
        received: u64,
        /// Bytes in all.
        total: u64,
    },
    /// Progress of a request.
    Event {
        /// The request.
        id: u32,
        /// The progress.
        event: Event,
    },
    /// The answer to a request, and the last message about it.
    Response {
        /// The request.
        id: u32,
        /// The answer.
        response: Response,
    },
    /// An error that belongs to no request.
    Trouble {
        /// The error.
        error: ErrorReport,
    },
    /// The worker has crashed and answers no more requests.
    Crashed {
        /// The cause, as far as it is known.
        error: ErrorReport,
    },
}

tagged!("type": WorkerMessage);
