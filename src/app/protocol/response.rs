//! Answers to requests.

use serde::{Deserialize, Serialize};

use super::tagged::tagged;
use super::{
    AdapterCard, Card, ErrorReport, ImageMetadata, Library, Memory, ModelSheet, Pixels,
    PromptSummary, Scores,
};
use crate::params::AdapterUse;

/// The answer to a [`Command`](super::Command).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(tag = "type"))]
#[serde(remote = "Self", rename_all = "kebab-case")]
pub enum Response {
    /// The model is loaded.
    Opened {
        /// The model, as the form needs it.
        model: Box<ModelSheet>,
        /// Display name of the device (`WebGPU · SwiftShader`, `CPU`).
        device: String,
        /// Memory that it takes there.
        memory: Memory,
        /// Whether it is the model of before, of which only the autoencoder (VAE) was loaded: adapters stay open.
        #[serde(default)]
        only_vae: bool,
    },
    /// The worker did not start a large download; the user must consent first.
    ConsentNeeded {
        /// The model.
        card: Card,
        /// Whether the previously loaded model is still loaded.
        model_stays: bool,
    },
    /// Description of a model and its requirements.
    Inspected {
        /// The description.
        card: Card,
    },
    /// Feasibility of an image size with the loaded model.
    SizeChecked {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
        /// The reason why not, with a remedy; absent if it can.
        #[cfg_attr(test, ts(optional))]
        obstacle: Option<ErrorReport>,
    },
    /// What the loaded model reads in the prompts.
    PromptsRead {
        /// In the prompt.
        prompt: PromptSummary,
        /// In the negative prompt.
        negative_prompt: PromptSummary,
    },
    /// The adapter is open.
    AdapterOpened {
        /// The adapter.
        adapter: Box<AdapterCard>,
    },
    /// The generated image.
    Generated {
        /// Its pixels.
        picture: Pixels,
        /// The PNG file, with the parameters in its metadata.
        #[serde(with = "serde_bytes")]
        #[cfg_attr(test, ts(type = "Uint8Array<ArrayBuffer>"))]
        png: Vec<u8>,
        /// Duration, seconds.
        seconds: f64,
        /// Adapters that were in effect, with their weights: those of the request and of its prompt.
        adapters: Vec<AdapterUse>,
        /// Textual inversions that its prompts name.
        embeddings: Vec<String>,
    },
    /// Similarity of an inpainted image to its init image.
    Compared {
        /// The scores; absent for an image that is too small.
        #[cfg_attr(test, ts(optional))]
        scores: Option<Scores>,
    },
    /// Generation metadata of an image file.
    Metadata {
        /// The metadata; absent if the file has none.
        #[cfg_attr(test, ts(optional))]
        metadata: Option<Box<ImageMetadata>>,
    },
    /// A fitted init image.
    ImageFitted {
        /// Original size, `[width, height]` in pixels.
        own_size: [u32; 2],
        /// Its pixels at the requested size.
        image: Pixels,
    },
    /// A fitted mask.
    MaskFitted {
        /// A byte for each pixel, `[height, width]`: 255 where the picture is bright, else 0.
        #[serde(with = "serde_bytes")]
        #[cfg_attr(test, ts(type = "Uint8Array<ArrayBuffer>"))]
        mask: Vec<u8>,
    },
    /// The models in the browser's storage.
    Library {
        /// All of them.
        library: Library,
    },
    /// A stored model was verified.
    Verified {
        /// Its address.
        place: String,
        /// Damaged or missing bytes; they are downloaded again when the model is opened next.
        damaged: u64,
    },
    /// The request was ended by `Cancel`. Downloaded bytes stay stored.
    Cancelled {
        /// Whether a model is loaded.
        model_stays: bool,
    },
    /// The request failed.
    Failed {
        /// The error.
        error: ErrorReport,
        /// Whether the CPU could be used instead.
        offer_cpu: bool,
        /// Whether a model is loaded.
        model_stays: bool,
    },
}

tagged!("type": Response);

impl Response {
    /// Returns the failure of a request that needs no model and leaves the loaded one as it is.
    pub fn failed(error: &crate::error::Error) -> Self {
        Response::Failed { error: error.into(), offer_cpu: false, model_stays: true }
    }
}
