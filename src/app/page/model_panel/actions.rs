//! What is said in the panel: questions about other models, and what becomes of the kept ones.

use crate::app::page::controller::{Controller, Pending};
use crate::app::page::model_panel::wish::Wish;
use crate::app::protocol::{Card, Command};
use crate::app::words::{self, amount};

/// Questions about models.
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

    /// Whether the panel is open: keys are then its own.
    pub fn panel_is_open(&self) -> bool {
        self.parts.panel.is_open()
    }

    /// What was typed is being edited.
    pub fn address_edited(&mut self) {
        self.end_inspection();
        self.parts.panel.edited();
    }

    /// Looks at the model that was typed; if none was, again at the one that was picked.
    pub fn look_at_typed(&mut self) {
        let typed = self.parts.panel.typed();
        if typed.trim().is_empty() && self.parts.panel.subject().is_some() {
            return self.look_again();
        }
        let wish = Wish::address(&typed, &self.base);
        self.look_at(wish);
    }

    /// Looks at files that were picked or dropped; `None` if none of them belongs to a model.
    pub fn look_at_picked(&mut self, wish: Option<Wish>) {
        self.open_panel();
        match wish {
            Some(wish) => self.look_at(wish),
            None => self.parts.panel.complain(words::panel_no_model_in_it),
        }
    }

    /// Looks again, with other options.
    pub fn look_again(&mut self) {
        if let Some(wish) = self.parts.panel.subject() {
            self.look_at(wish);
        }
    }

    /// Uses the model that was looked at.
    pub fn use_subject(&mut self) {
        if let Some(wish) = self.parts.panel.subject() {
            self.use_model(wish, true);
        }
    }

    pub(in crate::app::page) fn look_at(&mut self, wish: Wish) {
        let wish = self.parts.panel.with_options(wish);
        self.parts.panel.look_at(wish.clone());
        let size = self.parts.form.chosen_size();
        let Wish { choice, files } = wish;
        let device = self.model.target().device;
        self.end_inspection();
        let command = Command::Inspect { choice, device, size };
        self.request(Pending::Inspection, command, &files);
    }

    /// What was looked at is no longer of interest.
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
        self.tell_if_wrong(shown);
    }

    /// Asks whether the loaded model can make a picture of the form's size.
    pub fn weigh(&mut self) {
        if let (Some(_), Ok(params)) = (self.model.loaded(), self.parts.form.settings()) {
            let [width, height] = params.size().map(|side| side as u32);
            let command = Command::CheckSize { width, height, guides: params.is_guided() };
            self.request(Pending::SizeCheck, command, &[]);
        }
    }
}

/// Kept models.
impl Controller {
    /// Uses a kept model.
    pub fn use_kept(&mut self, place: &str) {
        let wish = Wish::address(place, &self.base);
        self.use_model(self.parts.panel.with_options(wish), false);
    }

    /// Checks a kept model.
    pub fn verify(&mut self, place: &str) {
        let kept = self.parts.panel.kept();
        let name = kept.name_of(place);
        kept.say(move || words::kept_checking(&name));
        self.request(Pending::Library, Command::Verify { place: place.to_string() }, &[]);
    }

    /// Removes a kept model.
    pub fn remove(&mut self, place: &str) {
        if self.model.is_opening() {
            return;
        }
        let kept = self.parts.panel.kept();
        let name = kept.name_of(place);
        kept.say(move || words::kept_removed(&name));
        self.request(Pending::Library, Command::Remove { place: place.to_string() }, &[]);
    }

    /// Asks whether all kept models shall go, or takes the question back.
    pub fn ask_to_remove_all(&mut self, asking: bool) {
        self.parts.panel.kept().ask(asking);
    }

    /// Removes all kept models.
    pub fn remove_all(&mut self) {
        if self.model.is_opening() {
            return self.parts.panel.kept().say(words::kept_arriving);
        }
        self.parts.panel.kept().removing_all();
        self.request(Pending::Library, Command::RemoveAll, &[]);
    }

    pub(in crate::app::page) fn checking(&mut self, place: &str, percent: u32) {
        let kept = self.parts.panel.kept();
        let name = kept.name_of(place);
        kept.say(move || words::kept_checking_percent(&name, percent));
    }

    pub(in crate::app::page) fn verified(&mut self, place: &str, damaged: u64) {
        let kept = self.parts.panel.kept();
        let name = kept.name_of(place);
        kept.say(move || match damaged {
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
