//! Messages between page and worker: plain data, posted as structured clones.
//!
//! The page sends a [`Request`]: a [`Command`] with a number. The worker answers with any number of
//! [`Event`]s and one [`Response`], all with the number of the request. The npm package is a second
//! client; `npm/src/protocol.d.ts` is generated from these types.

mod command;
mod event;
mod library;
mod model;
mod recipe;
mod request;
mod response;
mod said;
mod shared;
mod start;
#[cfg(test)]
mod typescript;

use serde::{Deserialize, Serialize};

pub use self::command::{Command, DeviceChoice};
pub use self::event::Event;
pub use self::library::{Kept, Library};
pub use self::model::{Card, Choice, Memory, ModelOptions, ModelSheet, Origin, Place, Plan};
pub use self::recipe::{ModelName, Recipe};
pub use self::request::GenerateRequest;
pub use self::response::Response;
pub use self::said::{Fault, Remark, Stage};
pub use self::shared::Shared;
pub use self::start::{Pixels, Score, Scores, Start};

/// Page → worker. The files of a picked model or image, or the picture
/// that it is about, are attached to it (`message`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Request {
    /// The page's number for the request, never used again.
    pub id: u32,
    /// What to do.
    pub command: Command,
}

/// Worker → page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum WorkerMessage {
    /// The worker has started and takes requests.
    Started {
        /// Web Lock that the worker holds as long as it lives; empty if the browser has no locks.
        lifetime_lock: String,
    },
    /// Progress of a request.
    Event {
        /// The request.
        id: u32,
        /// What happened.
        event: Event,
    },
    /// The answer to a request, and the last message about it.
    Response {
        /// The request.
        id: u32,
        /// The answer.
        response: Response,
    },
    /// An error that belongs to no request and ends none.
    Trouble {
        /// The error.
        fault: Fault,
    },
    /// The worker's program crashed and answers nothing more.
    Crashed {
        /// The cause, as far as it is known.
        fault: Fault,
    },
}
