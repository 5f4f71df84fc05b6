//! What the engine has to say to the user, as data: the page finds the words for it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Message};

/// Something without a measure that is under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "name", rename_all = "kebab-case")]
pub enum Stage {
    /// The device is looked at.
    Device,
    /// The model's configs are read.
    Settings,
    /// The GPU is made ready.
    Gpu,
    /// The model is loaded onto the device.
    Model {
        /// How much of it, percent.
        percent: u32,
    },
    /// The tiny autoencoder for previews is loaded.
    Previews,
    /// One network of the model is loaded for its part of a run.
    Network {
        /// Its name for people.
        #[cfg_attr(test, ts(type = "Message"))]
        part: Message,
    },
}

/// Something that the user should know but that stops nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "name", rename_all = "kebab-case")]
pub enum Remark {
    /// A prompt was longer than the model reads.
    PromptTruncated {
        /// `prompt` or `negative_prompt`.
        field: String,
        /// The words that have no effect.
        lost: String,
    },
    /// The tiny autoencoder for previews cannot be had; there are previews without it.
    NoTinyAutoencoder {
        /// Why.
        fault: Fault,
    },
    /// What was downloaded cannot be kept.
    NotKept {
        /// Why.
        fault: Fault,
    },
}

/// An [`Error`] on its way to the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Fault {
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

impl Fault {
    /// [`Error::is_of_gpu`].
    pub fn is_of_gpu(&self) -> bool {
        matches!(self.code.as_str(), "gpu" | "gpu-lost" | "out-of-memory")
    }

    /// One of the details, empty if there is none of this name.
    pub fn detail(&self, name: &str) -> &str {
        self.details.get(name).map_or("", String::as_str)
    }

    /// What the message names by this parameter; nothing to show if there is none.
    pub fn argument(&self, name: &str) -> Message {
        self.message.argument(name).cloned().unwrap_or_else(|| Message::verbatim(""))
    }

    /// The smaller picture that [`Error::OutOfMemory`] proposes.
    pub fn smaller(&self) -> Option<(u32, u32)> {
        Some((self.detail("width").parse().ok()?, self.detail("height").parse().ok()?))
            .filter(|_| self.code == "out-of-memory")
    }
}

impl From<&Error> for Fault {
    fn from(error: &Error) -> Self {
        let details = error.details().into_iter();
        Fault {
            code: error.code().to_string(),
            message: error.message(),
            next_step: error.advice(),
            details: details.map(|(name, value)| (name.to_string(), value)).collect(),
        }
    }
}
