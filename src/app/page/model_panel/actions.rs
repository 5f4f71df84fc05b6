//! Controller actions of the model panel.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use super::super::adapters::{DroppedModel, is_adapter};
use super::super::address::BUNDLED_NAME;
use super::super::controller::{Controller, Pending};
use super::super::hub_token;
use super::super::preferences;
use super::selection::ModelSelection;
use super::state::LoadedModel;
use super::vocabulary::Vocabulary;
use crate::app::protocol::{Card, Command, ErrorReport, Place};
use crate::app::words::{self, amount};
use crate::params::GenerationParams;

/// Inspection of models.
impl Controller {
    /// Opens the panel.
    pub fn open_panel(&mut self) {
        let device = self.model.target().device;
        let speed = preferences::speed(self.device_name());
        self.parts.panel.suggestions().show(device, speed);
        self.parts.panel.open();
        self.refresh_library();
    }

    /// Opens the panel at the models that it offers.
    pub fn open_suggestions(&mut self) {
        self.open_panel();
        self.parts.panel.suggestions().reveal();
    }

    /// Loads an offered model. If it is not sure that the device can run it, or what its download
    /// is, it is described first.
    pub fn load_suggested(&mut self, repository: &str) {
        let selection = ModelSelection::address(repository, &self.base);
        let device = self.model.target().device;
        match self.parts.panel.suggestions().is_sure(repository, device) {
            true => self.use_model(selection, true),
            false => {
                self.inspect(selection);
                self.parts.panel.go_to_card();
            }
        }
    }

    /// Reads the words that the bundled model knows, when that is loaded.
    pub(in crate::app::page) fn read_vocabulary(&self) {
        let is_bundled = |loaded: &LoadedModel| {
            let LoadedModel { target, sheet, .. } = loaded;
            target.selection.is_same_place(&self.bundled_model) && sheet.name == BUNDLED_NAME
        };
        self.vocabulary.take();
        if self.model.loaded().is_some_and(is_bundled) {
            let place = self.bundled_model.label().to_string();
            let vocabulary = Rc::clone(&self.vocabulary);
            spawn_local(async move {
                vocabulary.replace(Vocabulary::read(&place).await);
            });
        }
    }

    /// Keeps the speed of a run on this device, if its model is one of those offered.
    pub(in crate::app::page) fn record_speed(&self, params: &GenerationParams, seconds: f64) {
        let Some(loaded) = self.model.loaded() else { return };
        let repository = loaded.target.selection.label();
        let speed = self.parts.panel.suggestions().speed(repository, params, seconds);
        if let Some(speed) = speed {
            preferences::set_speed(&loaded.device_name, speed);
        }
    }

    fn device_name(&self) -> &str {
        self.model.loaded().map_or("", |loaded| &loaded.device_name)
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
        if typed.trim().is_empty() && self.parts.panel.has_subject() {
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

    /// Opens the inspected model, at the smaller size that fits if its own does not.
    pub fn use_subject(&mut self) {
        if let Some(size) = self.parts.panel.fitting_size() {
            self.parts.form.choose_size(size);
        }
        if let Some(selection) = self.parts.panel.subject() {
            self.use_model(selection, true);
        }
    }

    pub(in crate::app::page) fn inspect(&mut self, selection: ModelSelection) {
        self.parts.adapters.dropped = None;
        let selection = self.parts.panel.with_options(selection);
        self.parts.panel.inspect(selection.clone());
        let size = self.parts.form.chosen_size();
        let choice = selection.choice.clone();
        let device = self.model.target().device;
        self.end_inspection();
        let command = Command::Inspect { choice, device, size, hub_token: hub_token::stored() };
        self.request_model(Pending::Inspection, command, &selection);
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
        let mut dropped = self.parts.adapters.dropped.take();
        if let Some(dropped) = &mut dropped
            && card.problems.iter().any(is_adapter)
        {
            self.add_inspected_adapter();
            self.read_beside_adapter(dropped.picture.take());
        } else {
            let at_own_size = self.parts.form.chosen_size().is_none();
            let shown = self.parts.panel.show_card(card, at_own_size);
            self.report(shown);
        }
        self.inspect_next_dropped(dropped);
    }

    pub(in crate::app::page) fn inspection_failed(&mut self, error: ErrorReport) {
        self.parts.panel.show_problem(move || words::model_error_text(&error));
        let dropped = self.parts.adapters.dropped.take();
        self.inspect_next_dropped(dropped);
    }

    /// Inspects dropped files as a model; if they turn out to be a LoRA or an embedding, they are added, and
    /// the settings of a `picture` beside them read. What is dropped before that is known waits.
    pub fn inspect_dropped(&mut self, selection: ModelSelection, picture: Option<File>) {
        if let Some(dropped) = &mut self.parts.adapters.dropped {
            return dropped.waiting.push_back((selection, picture));
        }
        self.inspect_picked(Some(selection));
        self.parts.adapters.dropped = Some(DroppedModel { picture, ..DroppedModel::default() });
    }

    fn inspect_next_dropped(&mut self, dropped: Option<DroppedModel>) {
        if let Some(DroppedModel { mut waiting, .. }) = dropped
            && let Some((next, picture)) = waiting.pop_front()
        {
            self.inspect_dropped(next, picture);
            self.parts.adapters.dropped.get_or_insert_default().waiting = waiting;
        }
    }

    /// Asks the worker whether the loaded model can make an image of the form's size.
    pub fn check_size(&mut self) {
        if let (Some(_), Ok(params)) = (self.model.loaded(), self.parts.form.settings()) {
            let [width, height] = params.size().map(|side| side as u32);
            let command = Command::CheckSize { width, height, guides: params.is_guided() };
            self.request(Pending::SizeCheck, command, &[]);
            self.prompts_changed();
        }
    }

    /// Asks the worker what the loaded model reads in the prompts.
    pub fn read_prompts(&mut self) {
        if let (Some(_), Ok(params)) = (self.model.loaded(), self.parts.form.settings()) {
            let params = self.with_first_prompt(params);
            let adapters = self.parts.adapters.shelf().uses();
            let command = Command::ReadPrompts { params, adapters };
            self.request(Pending::PromptSummaries, command, &[]);
        } else {
            self.parts.form.summaries().clear();
        }
    }
}

/// Stored models.
impl Controller {
    /// Opens a stored model.
    pub fn use_kept(&mut self, place: &str) {
        if self.parts.panel.kept().is_adapter(place) {
            return self.add_adapter_at(place);
        }
        if self.parts.panel.kept().is_vae(place) {
            let (text, base) = (place.to_string(), self.base.clone());
            return self.take_vae((Some(Place::Address { text, base }), Vec::new()));
        }
        let selection = ModelSelection::address(place, &self.base);
        let selection = self.parts.panel.with_options(selection);
        self.use_model(selection, false);
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
