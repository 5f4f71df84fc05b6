//! Stages, warnings and errors sent to the page, untranslated.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::tagged::tagged;
use crate::error::{Error, Message};

/// A stage without measurable progress.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(tag = "name"))]
#[serde(remote = "Self", rename_all = "kebab-case")]
pub enum Stage {
    /// Checking the device.
    Device,
    /// Reading the model's configs.
    Settings,
    /// Preparing the GPU.
    Gpu,
    /// Loading the model onto the device.
    Model {
        /// Loaded part, percent.
        percent: u32,
    },
    /// Applying adapters to the model, or taking them off.
    Adapters {
        /// Done part, percent.
        percent: u32,
    },
    /// Loading the tiny autoencoder for previews.
    Previews,
    /// Loading one network of the model during a run.
    Network {
        /// Display name of the network.
        #[cfg_attr(test, ts(type = "Message"))]
        part: Message,
    },
}

/// A warning that stops nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(tag = "name"))]
#[serde(remote = "Self", rename_all = "kebab-case")]
pub enum Note {
    /// The prompt was longer than the text encoder's context.
    PromptTruncated {
        /// `prompt` or `negative_prompt`.
        field: String,
        /// The words that were cut off.
        lost: String,
    },
    /// An adapter that the prompt or the request names is not open; the picture is made without it.
    AdapterNotOpen {
        /// Its name.
        adapter: String,
    },
    /// Something that the prompt asks for in angle brackets is not applied.
    NetworkNotApplied {
        /// The tag or its argument.
        what: String,
    },
    /// The tiny autoencoder could not be loaded; previews are made without it.
    NoTinyAutoencoder {
        /// The error.
        error: ErrorReport,
    },
    /// The browser could not store the download.
    NotKept {
        /// The error.
        error: ErrorReport,
    },
}

tagged!("name": Stage, Note);

/// An [`Error`] as sent to the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ErrorReport {
    /// [`Error::code`].
    pub code: String,
    /// [`Error::message`].
    #[cfg_attr(test, ts(type = "Message"))]
    pub message: Message,
    /// [`Error::advice`].
    #[cfg_attr(test, ts(type = "Message | undefined"))]
    pub next_step: Option<Message>,
    /// [`Error::details`].
    #[cfg_attr(test, ts(type = "Map<string, string>"))]
    pub details: BTreeMap<String, String>,
}

impl ErrorReport {
    /// Returns [`Error::is_of_gpu`] of the error.
    pub fn is_of_gpu(&self) -> bool {
        matches!(self.code.as_str(), "gpu" | "gpu-lost" | "out-of-memory")
    }

    /// Returns the detail `name`; empty if there is none.
    pub fn detail(&self, name: &str) -> &str {
        self.details.get(name).map_or("", String::as_str)
    }

    /// Returns the message's argument `name`; empty if there is none.
    pub fn argument(&self, name: &str) -> Message {
        self.message.argument(name).cloned().unwrap_or_else(|| Message::verbatim(""))
    }

    /// Returns the smaller image size that [`Error::OutOfMemory`] proposes.
    pub fn smaller_size(&self) -> Option<(u32, u32)> {
        Some((self.detail("width").parse().ok()?, self.detail("height").parse().ok()?))
            .filter(|_| self.code == "out-of-memory")
    }
}

impl From<&Error> for ErrorReport {
    fn from(error: &Error) -> Self {
        let details = error.details().into_iter();
        ErrorReport {
            code: error.code().to_string(),
            message: error.message(),
            next_step: error.advice(),
            details: details.map(|(name, value)| (name.to_string(), value)).collect(),
        }
    }
}
