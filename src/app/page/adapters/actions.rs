//! Controller actions on adapters.

use super::super::controller::{Controller, Pending};
use super::super::file_picker::{OpenedFiles, is_weights};
use super::super::hub_token;
use super::super::model_panel::selection::ModelSelection;
use super::super::model_panel::state::LoadedModel;
use super::super::notifications::Action;
use super::state::{AdapterPlace, OtherEmbeddings, Status, Usage, with_word};
use crate::app::dom::request_persistent_storage;
use crate::app::message::PickedFile;
use crate::app::protocol::{AdapterCard, Command, ErrorReport, Event, FastSettings, Origin, Place};
use crate::app::words::{self, LocalizedText, model_error_text};
use crate::params::{AdapterUse, GenerationParams};
use crate::prompt::{Grammar, named_loras};

/// User actions.
impl Controller {
    /// Adds the adapter at the typed address.
    pub fn add_typed_adapter(&mut self) {
        let typed = self.parts.adapters.take_typed();
        self.add_adapter(AdapterPlace::Address(typed));
    }

    /// Adds adapters from disk.
    pub fn add_adapter_files(&mut self, files: Vec<PickedFile>) {
        for file in files {
            self.add_adapter(AdapterPlace::File(file));
        }
    }

    /// Adds the adapter at an address of the model panel, and closes that.
    pub fn add_adapter_at(&mut self, address: &str) {
        self.close_panel();
        self.add_adapter(AdapterPlace::Address(address.to_string()));
        self.parts.adapters.reveal();
    }

    /// Adds the inspected file, which is an adapter and no model.
    pub fn add_inspected_adapter(&mut self) {
        if let Some(selection) = self.parts.panel.subject() {
            self.close_panel();
            self.parts.panel.settle();
            self.add_selected_adapter(selection);
        }
    }

    /// Adds files that were dropped onto the section.
    pub fn drop_adapter(&mut self, found: OpenedFiles) {
        match found {
            OpenedFiles::Model(selection, picture) => {
                self.add_selected_adapter(*selection);
                self.read_beside_adapter(picture);
            }
            found => self.open_files(found, false),
        }
    }

    /// Adds the adapters of selected files or at an address, and shows the shelf.
    pub fn add_selected_adapter(&mut self, selection: ModelSelection) {
        match &selection.choice.place {
            Place::Address { text, .. } => self.add_adapter(AdapterPlace::Address(text.clone())),
            Place::Picked { .. } => {
                let mut files = selection.files;
                // Notes beside weights are none; a single file of another type is refused with its reason.
                if files.iter().any(|(path, _)| is_weights(path)) {
                    files.retain(|(path, _)| is_weights(path));
                }
                self.add_adapter_files(files);
            }
        }
        self.parts.adapters.reveal();
    }

    fn add_adapter(&mut self, place: AdapterPlace<PickedFile>) {
        let id = self.parts.adapters.change(|shelf| shelf.add(place));
        self.open_adapter(id);
    }

    /// Opens an adapter for the loaded model, if there is one; the others are opened with the model.
    pub fn open_adapter(&mut self, id: u32) {
        let Some(row) = self.parts.adapters.shelf().get(id) else { return };
        let is_done = matches!(row.status, Status::Open | Status::Opening { .. });
        if is_done || !self.model.is_ready() {
            return;
        }
        let (place, files) = match &row.place {
            AdapterPlace::Address(text) => {
                let (text, base) = (text.clone(), self.base.clone());
                (Place::Address { text, base }, Vec::new())
            }
            AdapterPlace::File(file) => {
                (Place::Picked { name: file.0.clone() }, vec![file.clone()])
            }
            AdapterPlace::Own(_) => return,
        };
        let command = Command::OpenAdapter { place, hub_token: hub_token::stored() };
        let request = self.request(Pending::Adapter(id), command, &files);
        self.parts.adapters.change(|shelf| shelf.opening(id, request));
    }

    /// Shows the shelf, with the focus in the field where an adapter is added.
    pub fn show_adapters(&self) {
        self.parts.adapters.reveal();
        self.parts.adapters.focus();
    }

    /// Writes the weights in effect into their inputs.
    pub fn show_weights(&mut self) {
        self.parts.adapters.change(|_| {});
    }

    /// Removes an adapter from the shelf; a download stays in the browser's storage.
    pub fn remove_adapter(&mut self, id: u32) {
        self.stop_adapter(id);
        self.pending.retain(|_, pending| !matches!(pending, Pending::Adapter(row) if *row == id));
        let at = self.parts.adapters.shelf().rows().iter().position(|row| row.id == id);
        let removed = self.parts.adapters.change(|shelf| shelf.remove(id));
        self.parts.adapters.focus_after_removal(at.unwrap_or_default());
        if let Some(row) = removed.filter(|row| row.status == Status::Open)
            && !self.parts.adapters.shelf().has_open(&row.name)
        {
            self.client.send(Command::CloseAdapter { name: row.name }, &[]);
        }
        self.adapters_settled();
    }

    /// Stops the opening of an adapter.
    pub fn stop_adapter(&mut self, id: u32) {
        let row = self.parts.adapters.shelf().get(id);
        if let Some(Status::Opening { request, .. }) = row.map(|row| row.status.clone()) {
            self.cancel_request(request);
        }
    }

    /// Sets how an adapter is used.
    pub fn use_adapter(&mut self, id: u32, change: impl FnOnce(&mut Usage)) {
        if let Some(mut usage) = self.parts.adapters.shelf().get(id).map(|row| row.usage) {
            change(&mut usage);
            self.parts.adapters.change(|shelf| shelf.set_usage(id, usage));
            self.follow_own_adapter();
            self.adapters_settled();
        }
    }

    /// Puts a word at the end of the prompt `field`.
    pub fn add_trigger_word(&mut self, word: &str, field: &'static str) {
        if let Some(prompt) = with_word(&self.parts.form.text(field), word) {
            self.replace(false, |form| form.use_prompt(field, &prompt));
            self.prompts_changed();
        }
    }

    /// Puts the name of an embedding at the end of the prompt `field`.
    pub fn add_embedding(&mut self, id: u32, field: &'static str) {
        let Some(row) = self.parts.adapters.shelf().get(id) else { return };
        let grammar = self.parts.form.settings().map(|params| params.grammar);
        let word = match grammar {
            Ok(Grammar::Comfy) => format!("embedding:{}", row.name),
            _ => row.name.clone(),
        };
        self.add_trigger_word(&word, field);
    }

    /// Takes the settings that an adapter was distilled for, and switches it on.
    pub fn use_fast_settings(&mut self, id: u32) {
        let card = self.parts.adapters.shelf().get(id).and_then(|row| row.card.clone());
        let Some(FastSettings { method, params }) = card.and_then(|card| card.suggestion) else {
            return;
        };
        self.replace(false, |form| form.apply_params(&params));
        self.parts.adapters.change(|shelf| shelf.switch_on(id));
        self.follow_own_adapter();
        self.check_size();
        self.offer_undo(move || words::adapter_fast_taken(&method));
    }

    /// Takes over the adapters of a picture's settings. Returns a sentence about those that are not on
    /// the shelf.
    pub(in crate::app::page) fn take_over_adapters(
        &mut self,
        uses: &[AdapterUse],
        others: OtherEmbeddings,
        params: &GenerationParams,
    ) -> Option<LocalizedText> {
        let mut missing = self.parts.adapters.change(|shelf| shelf.take_over(uses, others));
        self.follow_own_adapter();
        // Before a model is loaded, the one of the model is not there yet.
        if self.model.loaded().is_some() && params.grammar == Grammar::A1111 {
            let shelf = self.parts.adapters.shelf();
            let loras = named_loras(&params.prompt).map(|network| network.name);
            missing.extend(loras.filter(|name| !shelf.has(name)));
            missing.dedup();
        }
        named_missing(&missing)
    }
}

/// Returns the sentence about adapters that settings name and the shelf lacks; `None` if there are none.
fn named_missing(names: &[String]) -> Option<LocalizedText> {
    let names = names.to_vec();
    (!names.is_empty())
        .then(|| LocalizedText::from(move || words::adapters_missing(names.join(&words::comma()))))
}

/// Worker events.
impl Controller {
    /// Proposes the default parameters of the loaded model, which depend on its own adapter.
    pub(in crate::app::page) fn follow_own_adapter(&mut self) {
        if let Some(loaded) = self.model.loaded() {
            let defaults = loaded.sheet.defaults_with(&self.parts.adapters.shelf().uses());
            self.parts.form.apply_defaults(&defaults);
        }
    }

    /// Opens all adapters for the model that was just loaded, with its own one. `stay`: those that are open
    /// stay so.
    pub(in crate::app::page) fn open_adapters(&mut self, stay: bool) {
        let Some(LoadedModel { sheet, .. }) = self.model.loaded() else { return };
        let missing = self.parts.adapters.change(|shelf| {
            if !stay {
                shelf.close();
            }
            shelf.model_loaded(&sheet.place, sheet.adapter.clone())
        });
        if let Some(missing) = named_missing(&missing) {
            self.note(missing);
        }
        self.follow_own_adapter();
        let rows = self.parts.adapters.shelf().rows();
        let ids: Vec<u32> = rows.iter().map(|row| row.id).collect();
        for id in ids {
            self.open_adapter(id);
        }
    }

    pub(in crate::app::page) fn adapter_event(&mut self, id: u32, event: Event) {
        match event {
            Event::Downloading { received, total, origin } => {
                let is_first = origin == Origin::Network
                    && !std::mem::replace(&mut self.requested_persistence, true);
                if is_first {
                    request_persistent_storage();
                }
                self.parts.adapters.change(|shelf| shelf.downloaded(id, received, total, origin));
            }
            Event::Note { note } => self.note(move || words::note(&note)),
            _ => {}
        }
    }

    pub(in crate::app::page) fn adapter_opened(&mut self, id: u32, card: AdapterCard) {
        self.parts.adapters.change(|shelf| shelf.opened(id, card));
        self.parts.notes.withdraw(Action::ShowAdapters);
        self.adapters_settled();
    }

    pub(in crate::app::page) fn adapter_stopped(&mut self, id: u32) {
        let is_new = self.parts.adapters.shelf().get(id).is_some_and(|row| row.name.is_empty());
        self.parts.adapters.change(|shelf| match is_new {
            true => drop(shelf.remove(id)),
            false => shelf.stopped(id),
        });
        self.adapters_settled();
    }

    pub(in crate::app::page) fn adapter_failed(&mut self, id: u32, error: ErrorReport) {
        let row = self.parts.adapters.shelf().get(id);
        let typed = match row.map(|row| (&row.place, row.name.is_empty())) {
            Some((AdapterPlace::Address(typed), true)) => Some(typed.clone()),
            _ => None,
        };
        // What is no address is corrected in the field.
        if let Some(typed) = typed.filter(|_| error.code == "invalid-request") {
            self.parts.adapters.change(|shelf| shelf.remove(id));
            self.parts.adapters.show_problem(&typed, move || model_error_text(&error));
        } else {
            self.parts.adapters.change(|shelf| shelf.failed(id, error));
        }
        self.adapters_settled();
    }

    /// Says anew what the prompts read of adapters, and starts a job that waited for one.
    fn adapters_settled(&mut self) {
        self.read_prompts();
        self.read_waiting_picture();
        let is_settled = self.model.is_ready() && !self.parts.adapters.shelf().awaits();
        if is_settled && let Some(source) = self.jobs.take_waiting() {
            self.show_state();
            self.start_or_wait(source);
        }
    }
}
