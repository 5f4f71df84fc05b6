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
    /// The files of a picked autoencoder.
    pub vae_files: Vec<PickedFile>,
}

/// An autoencoder (VAE) in place of a model's own: its location, and its files if they are from the user's disk.
pub type VaeSelection = (Option<Place>, Vec<PickedFile>);

impl ModelSelection {
    /// Selects the model at an address as typed; a relative one is relative to `base`.
    pub fn address(text: &str, base: &str) -> Self {
        Self::of(
            Place::Address { text: text.trim().to_string(), base: base.to_string() },
            Vec::new(),
        )
    }

    /// Selects the model in files from the user's disk.
    pub fn picked(name: String, files: Vec<PickedFile>) -> Self {
        Self::of(Place::Picked { name }, files)
    }

    fn of(place: Place, files: Vec<PickedFile>) -> Self {
        let choice = ModelChoice { place, vae: None, options: ModelOptions::default() };
        ModelSelection { choice, files, vae_files: Vec::new() }
    }

    /// Returns the selection with other options.
    pub fn with_options(mut self, options: ModelOptions) -> Self {
        self.choice.options = options;
        self
    }

    /// Returns the selection with another autoencoder.
    pub fn with_vae(mut self, (place, files): VaeSelection) -> Self {
        self.choice.vae = place;
        self.vae_files = files;
        self
    }

    /// Returns the autoencoder in place of the model's own.
    pub fn vae(&self) -> VaeSelection {
        (self.choice.vae.clone(), self.vae_files.clone())
    }

    /// Returns a name to show before the model's own is known.
    pub fn label(&self) -> &str {
        label(&self.choice.place)
    }

    /// Returns whether both have the same address, whatever the options.
    pub fn is_same_place(&self, other: &ModelSelection) -> bool {
        // Two picked folders may have the same name.
        self.choice.place == other.choice.place && self.files.is_empty()
    }
}

/// Returns a place as it was typed, or the name of what was picked.
pub fn label(place: &Place) -> &str {
    match place {
        Place::Address { text, .. } => text,
        Place::Picked { name } => name,
    }
}
