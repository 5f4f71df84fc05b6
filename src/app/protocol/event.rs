//! Progress of requests.

use serde::{Deserialize, Serialize};

use super::{Origin, Pixels, Remark, Stage};

/// Progress of a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Event {
    /// Weights are arriving.
    Downloading {
        /// Bytes so far, of all files.
        received: u64,
        /// Bytes in all.
        total: u64,
        /// Where they come from.
        origin: Origin,
    },
    /// Another tab downloads the same model; this one waits for it.
    OtherTab,
    /// Something without a measure is under way.
    Preparing {
        /// What.
        stage: Stage,
    },
    /// A kept model is being checked.
    Checking {
        /// Its address.
        place: String,
        /// Percent of its bytes that have been checked.
        percent: u32,
    },
    /// The init image is being encoded.
    Encoding,
    /// One denoising step is done.
    Step {
        /// Steps that are done, from 1.
        done: u32,
        /// Steps in all.
        total: u32,
        /// A small preview; absent if the model has no cheap projection.
        #[cfg_attr(test, ts(optional))]
        preview: Option<Pixels>,
    },
    /// All steps are done, the latents are being decoded.
    Decoding {
        /// Parts that are decoded.
        done: u32,
        /// Parts in all; 0 if unknown.
        total: u32,
    },
    /// Something the user should know that ends nothing: a truncated prompt, a full disk.
    Note {
        /// What.
        remark: Remark,
    },
}
