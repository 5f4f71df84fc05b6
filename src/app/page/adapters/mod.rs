//! The shelf of adapters (LoRA and its kin) among the settings.

mod actions;
pub mod events;
pub mod state;
mod view;

use std::collections::VecDeque;

use wasm_bindgen::JsCast;
use web_sys::{File, HtmlDetailsElement, HtmlElement, HtmlInputElement};

pub use self::state::OtherEmbeddings;
use self::state::Shelf;
pub use self::view::is_adapter;
use super::model_panel::selection::ModelSelection;
use crate::app::dom::{by_id, local_storage, set, show};
use crate::app::message::PickedFile;
use crate::app::words::{self, LocalizedElement, LocalizedText};
use crate::error::Result;

/// `localStorage` key of the shelf.
const STORAGE_KEY: &str = "hearth-adapters";

/// The elements and the shelf.
pub struct AdapterPanel {
    shelf: Shelf<PickedFile>,
    section: HtmlDetailsElement,
    in_use: HtmlElement,
    list: HtmlElement,
    template: HtmlElement,
    address: HtmlInputElement,
    problem: LocalizedElement,
    /// A picture that was dropped beside an adapter; its settings are read once that is open.
    pub(super) picture: Option<File>,
    /// What is being inspected as a model, if that was dropped.
    pub(super) dropped: Option<DroppedModel>,
}

/// Dropped files that are being inspected as a model.
#[derive(Default)]
pub struct DroppedModel {
    /// A picture beside them.
    pub picture: Option<File>,
    /// What was dropped after them.
    pub waiting: VecDeque<(ModelSelection, Option<File>)>,
}

impl AdapterPanel {
    /// Binds to the elements, and restores the shelf of earlier visits.
    pub fn bind() -> Result<Self> {
        let text = local_storage().and_then(|storage| storage.get_item(STORAGE_KEY).ok()?);
        let panel = AdapterPanel {
            shelf: Shelf::from_text(&text.unwrap_or_default()),
            section: by_id("adapters")?,
            in_use: by_id("adapters-in-use")?,
            list: by_id("adapter-list")?,
            template: by_id("adapter-template")?,
            address: by_id("adapter-address")?,
            problem: LocalizedElement::new(by_id::<HtmlElement>("adapter-address-problem")?),
            picture: None,
            dropped: None,
        };
        panel.section.set_open(!panel.shelf.rows().is_empty());
        panel.show();
        Ok(panel)
    }

    /// Returns the shelf.
    pub fn shelf(&self) -> &Shelf<PickedFile> {
        &self.shelf
    }

    /// Changes the shelf, keeps it for the next visit and shows it.
    pub fn change<T>(&mut self, act: impl FnOnce(&mut Shelf<PickedFile>) -> T) -> T {
        let result = act(&mut self.shelf);
        if let Some(storage) = local_storage() {
            let text = self.shelf.to_text();
            // If storage is full, the next visit begins with the shelf of before.
            let _ = match text.is_empty() {
                true => storage.remove_item(STORAGE_KEY),
                false => storage.set_item(STORAGE_KEY, &text),
            };
        }
        self.show();
        result
    }

    /// Unfolds the section.
    pub fn reveal(&self) {
        self.section.set_open(true);
        self.section.scroll_into_view_with_bool(false);
    }

    /// Focuses the field for an address.
    fn focus(&self) {
        let _ = self.address.focus();
    }

    /// Focuses the row in the place of a removed one, or the field for an address.
    fn focus_after_removal(&self, at: usize) {
        let rows = self.shelf.rows();
        let row = rows.get(at).or_else(|| rows.last()).filter(|row| !row.is_own());
        let button = row.and_then(|row| {
            let selector = format!("[data-row='{}'] [data-adapter=remove]", row.id);
            self.list.query_selector(&selector).ok()??.dyn_into::<HtmlElement>().ok()
        });
        match button {
            Some(button) => {
                let _ = button.focus();
            }
            None => self.focus(),
        }
    }

    /// Takes the typed address out of its field.
    fn take_typed(&self) -> String {
        let typed = self.address.value();
        self.address.set_value("");
        typed.trim().to_string()
    }

    /// Shows an error beside the field, which has the text `typed` again.
    fn show_problem(&self, typed: &str, sentence: impl Into<LocalizedText>) {
        self.address.set_value(typed);
        self.problem.set(sentence);
        show(self.problem.element(), true);
        set(&self.address, "aria-invalid", "true");
        let _ = self.address.focus();
    }

    /// Retranslates the shelf.
    pub fn retranslate(&self) {
        self.problem.retranslate();
        self.show();
    }

    fn show(&self) {
        view::write(&self.list, &self.template, self.shelf.rows());
        let count = self.shelf.uses().len();
        show(&self.in_use, count > 0);
        self.in_use.set_text_content(Some(&words::adapters_on(count)));
    }
}
