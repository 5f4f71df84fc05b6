//! Progress of requests.

use serde::{Deserialize, Serialize};

use super::tagged::tagged;
use super::{Note, Origin, Pixels, Stage};

/// Progress of a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(tag = "type"))]
#[serde(remote = "Self", rename_all = "kebab-case")]
pub enum Event {
    /// Weights are being downloaded or read.
    Downloading {
        /// Bytes received, of all files.
        received: u64,
        /// Total bytes.
        total: u64,
        /// The source of the bytes.
        origin: Origin,
    },
    /// Another tab is downloading the same model; the worker waits for it.
    OtherTab,
    /// A stage without measurable progress has started.
    Preparing {
        /// The stage or warning.
        stage: Stage,
    },
    /// A stored model is being verified.
    Checking {
        /// Its address.
        place: String,
        /// Percent of the bytes that are verified.
        percent: u32,
    },
    /// The init image is being encoded.
    Encoding,
    /// A denoising step is complete.
    Step {
        /// Completed steps, from 1.
        done: u32,
        /// Total steps.
        total: u32,
        /// A small preview; absent if the model has no cheap projection to RGB.
        #[cfg_attr(test, ts(optional))]
        preview: Option<Pixels>,
    },
    /// All steps are complete; the latents are being decoded.
    Decoding {
        /// Decoded parts.
        done: u32,
        /// Total parts; 0 if unknown.
        total: u32,
    },
    /// A warning: a truncated prompt, a full disk.
    Note {
        /// The stage or warning.
        note: Note,
    },
}

tagged!("type": Event);
