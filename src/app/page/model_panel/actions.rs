//! Controller actions of the model panel.

use super::super::controller::{Controller, Pending};
use super::super::hub_token;
use super::selection::ModelSelection;
use crate::app::protocol::{Card, Command};
use crate::app::words::{self, amount};

/// Inspection of models.
impl Controller {
    /// Opens the panel.
    pub fn open_panel(&mut self) {
        self.parts.panel.open();
        self.refresh_library();
    }

    /// Closes the panel.
    pub fn close_panel(&mut self) {
        self.parts.panel.close();
    }

    /// Returns whether the panel is open; it then handles all keys.
    pub fn panel_is_open(&self) -> bool {
        self.parts.panel.is_open()
    }

    /// Handles an edit of the address.
    pub fn address_edited(&mut self) {
        self.end_inspection();
        self.parts.panel.edited();
    }

    /// Inspects the typed model; without text, inspects the picked one again.
    pub fn inspect_typed(&mut self) {
        let typed = self.parts.panel.typed();
        if typed.trim().is_empty() && self.parts.panel.subject().is_some() {
            return self.inspect_again();
        }
        let selection = ModelSelection::address(&typed, &self.base);
        self.inspect(selection);
    }

    /// Inspects picked or dropped files; `None` if none belongs to a model.
    pub fn inspect_picked(&mut self, selection: Option<ModelSelection>) {
        self.open_panel();
        match selection {
            Some(selection) => self.inspect(selection),
            None => self.parts.panel.show_problem(words::panel_no_model_in_it),
        }
    }

    /// Inspects the model again with other options.
    pub fn inspect_again(&mut self) {
        if let Some(selection) = self.parts.panel.subject() {
            self.inspect(selection);
        }
    }

    /// Inspects a file of the inspected repository.
    pub fn inspect_file(&mut self, address: &str) {
        self.parts.panel.set_typed(address);
        self.inspect_typed();
    }

    /// Saves the typed token of the Hub, or removes the saved one, and inspects the model again.
    pub fn change_hub_token(&mut self, save: bool) {
        self.parts.panel.change_hub_token(save);
        self.inspect_again();
    }

    /// Opens the inspected model.
    pub fn use_subject(&mut self) {
        if let Some(selection) = self.parts.panel.subject() {
            self.use_model(selection, true);
        }
    }

    pub(in crate::app::page) fn inspect(&mut self, selection: ModelSelection) {
        let selection = self.parts.panel.with_options(selection);
        self.parts.panel.inspect(selection.clone());
        let size = self.parts.form.chosen_size();
        let ModelSelection { choice, files } = selection;
        let device = self.model.target().device;
        self.end_inspection();
        let command = Command::Inspect { choice, device, size, hub_token: hub_token::stored() };
        self.request(Pending::Inspection, command, &files);
    }

    /// Cancels the inspection.
    pub(in crate::app::page) fn end_inspection(&mut self) {
        let is_inspection = |pending: &Pending| matches!(pending, Pending::Inspection);
        let mut ids = self.pending.iter().filter(|(_, pending)| is_inspection(pending));
        if let Some(id) = ids.next().map(|(id, _)| *id) {
            self.pending.remove(&id);
            self.cancel_request(id);
        }
    }

    pub(in crate::app::page) fn inspected(&mut self, card: &Card) {
        let at_own_size = self.parts.form.chosen_size().is_none();
        let shown = self.parts.panel.show_card(card, at_own_size);
        self.report(shown);
    }

    /// Asks the worker whether the loaded model can make an image of the form's size.
    pub fn check_size(&mut self) {
        if let (Some(_), Ok(params)) = (self.model.loaded(), self.parts.form.settings()) {
            let [width, height] = params.size().map(|side| side as u32);
            let command = Command::CheckSize { width, height, guides: params.is_guided() };
            self.request(Pending::SizeCheck, command, &[]);
        }
    }
}

/// Stored models.
impl Controller {
    /// Opens a stored model.
    pub fn use_kept(&mut self, place: &str) {
        let selection = ModelSelection::address(place, &self.base);
        self.use_model(self.parts.panel.with_options(selection), false);
    }

    /// Verifies a stored model.
    pub fn verify(&mut self, place: &str) {
        let kept = self.parts.panel.kept();
        let name = kept.name_of(place);
        kept.set_status(move || words::kept_checking(&name));
        self.request(Pending::Library, Command::Verify { place: place.to_string() }, &[]);
    }

    /// Removes a stored model.
    pub fn remove(&mut self, place: &str) {
        if self.model.is_opening() {
            return;
        }
        let kept = self.parts.panel.kept();
        let name = kept.name_of(place);
        kept.set_status(move || words::kept_removed(&name));
        self.request(Pending::Library, Command::Remove { place: place.to_string() }, &[]);
    }

    /// Shows or hides the confirmation for removing all stored models.
    pub fn confirm_remove_all(&mut self, is_shown: bool) {
        self.parts.panel.kept().confirm_remove_all(is_shown);
    }

    /// Removes all stored models.
    pub fn remove_all(&mut self) {
        if self.model.is_opening() {
            return self.parts.panel.kept().set_status(words::kept_arriving);
        }
        self.parts.panel.kept().show_removing_all();
        self.request(Pending::Library, Command::RemoveAll, &[]);
    }

    pub(in crate::app::page) fn checking(&mut self, place: &str, percent: u32) {
        let kept = self.parts.panel.kept();
        let name = kept.name_of(place);
        kept.set_status(move || words::kept_checking_percent(&name, percent));
    }

    pub(in crate::app::page) fn verified(&mut self, place: &str, damaged: u64) {
        let kept = self.parts.panel.kept();
        let name = kept.name_of(place);
        kept.set_status(move || match damaged {
            0 => words::kept_sound(&name),
            bytes => words::kept_damaged(&name, amount(bytes)),
        });
    }

    pub(in crate::app::page) fn refresh_library(&mut self) {
        if self.parts.panel.is_open() {
            self.request(Pending::Library, Command::Library, &[]);
        }
    }
}
