//! Controller actions that replace the form's content.
//!
//! What the user typed is never lost: each of them can be undone.

use wasm_bindgen::JsValue;
use web_sys::File;

use super::super::controller::{Controller, Pending};
use super::super::generation::JobSource;
use super::super::notifications::{Action, Severity};
use super::{Form, SCHEDULER, is_infotext};
use crate::app::dom::clear_field_error;
use crate::app::protocol::{Command, ImageMetadata};
use crate::app::words::{self, LocalizedText};
use crate::scheduler::SchedulerName;

impl Controller {
    /// Replaces values of the form, so that [`Controller::restore_settings`] can undo it.
    /// `with_image`: the init image is replaced too.
    pub(in crate::app::page) fn replace(&mut self, with_image: bool, act: impl FnOnce(&mut Form)) {
        // After a run or an undo, the replaced values are part of what the user works with.
        let earlier = self.replaced.take().filter(|_| !self.is_replacement_closed);
        (self.is_replacement_closed, self.is_replacement_used) = (false, false);
        if !earlier.as_ref().is_some_and(|earlier| self.parts.form.continues(earlier)) {
            self.parts.adapters.change(|shelf| shelf.forget_replacement());
        }
        self.withdraw_undo();
        self.replaced = Some(self.parts.form.replace(earlier, with_image, act));
        self.parts.notes.withdraw(Action::UsePastedSettings);
        self.pasted.settings = None;
    }

    /// Shows a notification that offers to undo the replacement.
    pub(in crate::app::page) fn offer_undo(&self, message: impl Into<LocalizedText>) {
        let actions = [Action::RestoreSettings];
        self.parts.notes.notify_with_actions(message, Severity::Info, &actions);
    }

    /// Withdraws the offers to undo an earlier replacement.
    fn withdraw_undo(&self) {
        self.parts.notes.withdraw(Action::RestoreSettings);
        self.parts.form.init_image().offer_size_undo(false);
    }

    /// Undoes the last replacement of the form's content. If the user has typed over a prompt that
    /// it wrote, that text can be had back.
    pub fn restore_settings(&mut self) {
        if let Some(undo) = self.replaced.take() {
            self.withdraw_undo();
            self.parts.adapters.change(|shelf| shelf.undo());
            if self.parts.form.has_edited_prompts(&undo) {
                self.replace(undo.has_image(), |form| form.undo(undo));
                self.is_replacement_closed = true;
                self.offer_undo(words::settings_undone);
            } else {
                self.parts.form.undo(undo);
            }
            self.follow_own_adapter();
            self.reset_status(words::settings_undone);
            self.check_size();
        }
    }

    /// Undoes the last replacement, by key, if it replaced the prompt and the user has not edited
    /// that since: it is then no edit that the browser could undo. Returns whether the browser shall not.
    pub fn restore_prompt(&mut self) -> bool {
        let replaced = self.replaced.as_ref();
        let is_last = replaced.is_some_and(|undo| self.parts.form.has_replaced_prompt(undo));
        if is_last {
            self.restore_settings();
        }
        // The browser would put pieces of what was typed into a text that the page wrote.
        is_last || self.parts.form.prompt() != self.pasted.typed
    }

    /// Sets the prompt to an example.
    pub fn use_example(&mut self, prompt: &str) {
        self.suggest(words::example_used, |form| form.use_prompt("prompt", prompt));
    }

    /// Writes a prompt that the page suggests. If the user has typed one, that can be had back.
    pub(in crate::app::page) fn suggest(
        &mut self,
        message: impl Into<LocalizedText>,
        write: impl FnOnce(&mut Form),
    ) {
        let before = self.parts.form.prompt();
        let is_typed = !before.trim().is_empty() && !self.is_suggested(&before);
        // What was typed before an earlier suggestion can still be had back.
        let replaced = self.replaced.as_ref();
        if is_typed || replaced.is_some_and(|undo| self.parts.form.has_replaced_prompt(undo)) {
            self.replace(false, write);
            self.offer_undo(message);
        } else {
            write(&mut self.parts.form);
        }
        self.prompts_changed();
    }

    /// Returns whether a prompt is an example or a random one.
    pub(in crate::app::page) fn is_suggested(&self, prompt: &str) -> bool {
        self.parts.view.is_example(prompt) || self.parts.knowledge.has_written(prompt)
    }

    /// Keeps the prompt that an edit may put a text with settings in the place of.
    pub fn prompt_before_edit(&mut self) {
        let prompt = self.parts.form.prompt();
        if !is_infotext(&prompt) {
            self.pasted.before = prompt;
        }
    }

    /// Asks the worker what a pasted text with settings means.
    pub fn prompt_edited(&mut self) {
        let prompt = self.parts.form.prompt();
        self.pasted.typed.clone_from(&prompt);
        if !is_infotext(&prompt) {
            if self.pasted.settings.take().is_some() {
                self.parts.notes.withdraw(Action::UsePastedSettings);
            }
            return;
        }
        let Ok(file) = text_file(&prompt) else { return };
        let name = file.name();
        self.request(Pending::PastedSettings(prompt), Command::ReadMetadata, &[(name, file)]);
    }

    /// Offers the settings in a pasted `prompt`, unless it was edited since.
    pub(in crate::app::page) fn offer_pasted(
        &mut self,
        prompt: &str,
        metadata: Option<ImageMetadata>,
    ) {
        let is_current = self.parts.form.prompt() == prompt;
        self.pasted.settings = metadata.filter(|_| is_current);
        if let Some(source) = self.pasted.waiting.take() {
            return self.generate_from(source);
        }
        if self.pasted.settings.is_some() {
            let actions = [Action::UsePastedSettings];
            self.parts.notes.notify_with_actions(words::pasted_settings, Severity::Info, &actions);
        }
    }

    /// Applies the settings in the pasted text. Undo restores the prompt before it.
    pub fn use_pasted_settings(&mut self) {
        if let Some(metadata) = self.pasted.settings.take() {
            let before = std::mem::take(&mut self.pasted.before);
            self.parts.form.use_prompt("prompt", &before);
            self.apply_metadata(&metadata, true, &[]);
        }
    }

    /// Applies the settings in a prompt that is a text with settings, and returns `source`. If they are still
    /// being read, it is made after that.
    pub(in crate::app::page) fn after_pasted(&mut self, source: JobSource) -> Option<JobSource> {
        let prompt = self.parts.form.prompt();
        let is_asked =
            |pending: &Pending| matches!(pending, Pending::PastedSettings(text) if *text == prompt);
        if self.pending.values().any(is_asked) {
            self.pasted.waiting = Some(source);
            return None;
        }
        self.use_pasted_settings();
        Some(source)
    }
}

impl Form {
    /// Returns the name of the selected sampler with its schedule; `None` for a model's own that is not known.
    pub fn scheduler_label(&self) -> Option<String> {
        self.text(SCHEDULER).parse().ok().map(SchedulerName::label)
    }

    /// Takes a field that settings were written into as set by the user, and says if they are out of range, as
    /// those of other programs may be.
    pub(super) fn applied(&mut self, id: &'static str) {
        self.touch(id);
        clear_field_error(id);
        self.validate(id);
    }
}

/// Returns a text as a file, in which the worker reads settings.
fn text_file(text: &str) -> Result<File, JsValue> {
    File::new_with_str_sequence(&js_sys::Array::of1(&text.into()), "pasted.txt")
}
