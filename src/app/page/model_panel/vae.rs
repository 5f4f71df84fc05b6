//! Field of the autoencoder (VAE) in place of a model's own.

use web_sys::{HtmlButtonElement, HtmlDetailsElement, HtmlInputElement};

use super::selection::{ModelSelection, VaeSelection, label};
use crate::app::dom::{by_id, document};
use crate::app::message::PickedFile;
use crate::app::protocol::{ErrorReport, Place};
use crate::error::{Id, Result};

/// The elements, and the picked file.
pub struct VaeField {
    section: HtmlDetailsElement,
    address: HtmlInputElement,
    apply: HtmlButtonElement,
    /// Files whose name is in the field.
    picked: Option<(String, Vec<PickedFile>)>,
    /// The model that it was loaded with: other models do not get it unasked.
    owner: Option<Place>,
    /// Base of relative addresses.
    base: String,
}

impl VaeField {
    /// Binds to the elements of the page at `base`.
    pub fn bind(base: &str) -> Result<Self> {
        Ok(VaeField {
            section: by_id("model-options")?,
            address: by_id("vae-address")?,
            apply: by_id("use-vae")?,
            picked: None,
            owner: None,
            base: base.to_string(),
        })
    }

    /// Returns what is typed or picked.
    pub fn selection(&self) -> VaeSelection {
        let text = self.address.value().trim().to_string();
        match &self.picked {
            _ if text.is_empty() => (None, Vec::new()),
            Some((name, files)) if *name == text => {
                (Some(Place::Picked { name: text }), files.clone())
            }
            _ => (Some(Place::Address { text, base: self.base.clone() }), Vec::new()),
        }
    }

    /// Returns a model with the autoencoder of the field. One that was loaded with another model is removed
    /// from the field first.
    pub fn added_to(&mut self, selection: ModelSelection) -> ModelSelection {
        if self.owner.as_ref().is_some_and(|owner| *owner != selection.choice.place) {
            self.owner = None;
            self.write((None, Vec::new()));
        }
        selection.with_vae(self.selection())
    }

    /// Shows the autoencoder of a model that is being opened, or was opened; not over what is being typed.
    pub fn show(&mut self, selection: &ModelSelection) {
        let is_typed = document().is_ok_and(|page| {
            page.active_element().is_some_and(|active| active == *self.address.as_ref())
        });
        if !is_typed {
            self.owner = Some(selection.choice.place.clone());
            self.write(selection.vae());
        }
    }

    /// Takes another autoencoder, and shows the field.
    pub fn take(&mut self, selection: VaeSelection) {
        self.write(selection);
        self.section.set_open(true);
        let _ = self.address.focus();
    }

    /// Enables the button, if the field differs from the loaded model.
    pub fn compare(&self, loaded: Option<&ModelSelection>) {
        let differs = loaded.is_some_and(|loaded| loaded.vae() != self.selection());
        self.apply.set_disabled(!differs);
    }

    /// Returns whether the field differs from the loaded model.
    pub fn is_other(&self) -> bool {
        !self.apply.disabled()
    }

    fn write(&mut self, (place, files): VaeSelection) {
        let name = place.as_ref().map_or("", label).to_string();
        self.address.set_value(&name);
        self.picked = matches!(place, Some(Place::Picked { .. })).then_some((name, files));
    }
}

/// Returns whether an error says that a file is an autoencoder, where a model was expected.
pub fn is_vae(error: &ErrorReport) -> bool {
    error.code == "not-a-checkpoint" && error.argument("found").id() == Some(Id::vae_alone)
}
