//! Answers to requests.

use serde::{Deserialize, Serialize};

use super::{Card, Fault, Library, Memory, ModelSheet, Pixels, Recipe, Scores};

/// The answer to a [`Command`](super::Command).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Response {
    /// The model is loaded.
    Opened {
        /// The model, as the form needs it.
        model: Box<ModelSheet>,
        /// Display name of the device (`WebGPU · SwiftShader`, `CPU`).
        device: String,
        /// Memory that it takes there.
        memory: Memory,
    },
    /// A large download was not begun: the user shall see first what it takes.
    ConsentNeeded {
        /// The model.
        card: Card,
        /// Whether the model that was loaded before still is.
        model_stays: bool,
    },
    /// Description of a model, and what it takes.
    Inspected {
        /// The description.
        card: Card,
    },
    /// Whether the loaded model can make images of this size.
    SizeChecked {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
        /// Why not, and what would help; absent if it can.
        #[cfg_attr(test, ts(optional))]
        obstacle: Option<Fault>,
    },
    /// The image.
    Generated {
        /// Its pixels.
        picture: Pixels,
        /// The PNG file, with the parameters in its metadata.
        #[serde(with = "serde_bytes")]
        #[cfg_attr(test, ts(type = "Uint8Array<ArrayBuffer>"))]
        png: Vec<u8>,
        /// Seconds that it took.
        seconds: f64,
        /// How near the masked part is to the init image; absent without a mask.
        #[cfg_attr(test, ts(optional))]
        scores: Option<Scores>,
    },
    /// How an image was made.
    Metadata {
        /// What its file says; absent if it says nothing.
        #[cfg_attr(test, ts(optional))]
        recipe: Option<Recipe>,
    },
    /// A picture, fitted.
    ImageFitted {
        /// Its own size, `[width, height]` in pixels.
        own_size: [u32; 2],
        /// Its pixels at the size that was asked for.
        image: Pixels,
    },
    /// A mask, fitted.
    MaskFitted {
        /// A byte for each pixel, `[height, width]`: 255 where the picture is bright, else 0.
        #[serde(with = "serde_bytes")]
        #[cfg_attr(test, ts(type = "Uint8Array<ArrayBuffer>"))]
        mask: Vec<u8>,
    },
    /// The models that the browser keeps.
    Library {
        /// All of them.
        library: Library,
    },
    /// A kept model was checked.
    Verified {
        /// Its address.
        place: String,
        /// Bytes that were damaged or missing; they are downloaded again when it is opened next.
        damaged: u64,
    },
    /// The request was ended by `Cancel`. What a download has brought is kept.
    Cancelled {
        /// Whether a model is loaded.
        model_stays: bool,
    },
    /// The request failed.
    Failed {
        /// The error.
        fault: Fault,
        /// Whether the CPU device would do instead.
        offer_cpu: bool,
        /// Whether a model is loaded.
        model_stays: bool,
    },
}

impl Response {
    /// Returns the failure of a request that needs no model and leaves the loaded one as it is.
    pub fn failed(error: &crate::error::Error) -> Self {
        Response::Failed { fault: error.into(), offer_cpu: false, model_stays: true }
    }
}
