//! The model that the user wants, with the files it is in if they are the user's own.

use crate::app::message::PickedFile;
use crate::app::protocol::{Choice, ModelOptions, Place};

/// A choice, and the picked files that go with it.
#[derive(Debug, Clone)]
pub struct Wish {
    /// What is told to the engine.
    pub choice: Choice,
    /// What travels beside it.
    pub files: Vec<PickedFile>,
}

impl Wish {
    /// The model behind an address, as it was typed; a relative one is relative to `base`.
    pub fn address(text: &str, base: &str) -> Self {
        let place = Place::Address { text: text.trim().to_string(), base: base.to_string() };
        Wish { choice: Choice { place, options: ModelOptions::default() }, files: Vec::new() }
    }

    /// The model in files from the user's disk.
    pub fn picked(name: String, files: Vec<PickedFile>) -> Self {
        let place = Place::Picked { name };
        Wish { choice: Choice { place, options: ModelOptions::default() }, files }
    }

    /// The same with other options.
    pub fn with_options(mut self, options: ModelOptions) -> Self {
        self.choice.options = options;
        self
    }

    /// What to call it before it says its own name.
    pub fn label(&self) -> &str {
        match &self.choice.place {
            Place::Address { text, .. } => text,
            Place::Picked { name } => name,
        }
    }

    /// Whether both are the same model, whatever the options.
    pub fn is_same_place(&self, other: &Wish) -> bool {
        // Two folders may have the same name.
        self.choice.place == other.choice.place && self.files.is_empty()
    }
}
