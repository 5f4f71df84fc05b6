//! Selected model with its files.

use crate::app::message::PickedFile;
use crate::app::protocol::{ModelChoice, ModelOptions, Place};

/// A selected model: an address, or files from the user's disk.
#[derive(Debug, Clone)]
pub struct ModelSelection {
    /// The choice as sent to the worker.
    pub choice: ModelChoice,
    /// The files to attach.
    pub files: Vec<PickedFile>,
}

impl ModelSelection {
    /// Selects the model at an address as typed; a relative one is relative to `base`.
    pub fn address(text: &str, base: &str) -> Self {
        let place = Place::Address { text: text.trim().to_string(), base: base.to_string() };
        ModelSelection {
            choice: ModelChoice { place, options: ModelOptions::default() },
            files: Vec::new(),
        }
    }

    /// Selects the model in files from the user's disk.
    pub fn picked(name: String, files: Vec<PickedFile>) -> Self {
        let place = Place::Picked { name };
        ModelSelection { choice: ModelChoice { place, options: ModelOptions::default() }, files }
    }

    /// Returns the selection with other options.
    pub fn with_options(mut self, options: ModelOptions) -> Self {
        self.choice.options = options;
        self
    }

    /// Returns a name to show before the model's own is known.
    pub fn label(&self) -> &str {
        match &self.choice.place {
            Place::Address { text, .. } => text,
            Place::Picked { name } => name,
        }
    }

    /// Returns whether both have the same address, whatever the options.
    pub fn is_same_place(&self, other: &ModelSelection) -> bool {
        // Two picked folders may have the same name.
        self.choice.place == other.choice.place && self.files.is_empty()
    }
}
