//! Controller actions on styles.

use super::super::controller::Controller;
use crate::app::protocol::ErrorReport;
use crate::app::words::{self, LocalizedText};
use crate::error::Error;
use crate::prompt::{Style, read_styles};

impl Controller {
    /// Saves prompt and negative prompt as a style of the typed name.
    pub fn save_style(&mut self) {
        let name = self.parts.styles.name.value().trim().to_string();
        let [prompt, negative_prompt] = self.parts.form.prompts();
        let style = Style { name: name.clone(), prompt, negative_prompt };
        match self.parts.styles.styles.save(style) {
            Ok(replaces) => {
                self.parts.styles.name.set_value("");
                self.styles_changed(replaces, move || match replaces {
                    true => words::style_replaced(&name),
                    false => words::style_saved(&name),
                });
            }
            Err(why) => self.parts.styles.refuse(why, &name),
        }
    }

    /// Puts a style into prompt and negative prompt.
    pub fn apply_style(&mut self, index: usize) {
        let Some(style) = self.parts.styles.styles.list().get(index).cloned() else { return };
        let [prompt, negative_prompt] = self.parts.form.prompts();
        let Some(prompts) = style.complete(&prompt, &negative_prompt) else {
            return self.note(move || words::style_has_been_applied(&style.name));
        };
        self.replace(false, |form| form.use_prompts(prompts));
        self.offer_undo(move || words::style_applied(&style.name));
        self.prompts_changed();
    }

    /// Gives a style another name.
    pub fn rename_style(&mut self, index: usize, name: &str) {
        let name = name.trim().to_string();
        match self.parts.styles.styles.rename(index, &name) {
            Ok(true) => self.styles_changed(true, move || words::style_renamed(&name)),
            Ok(false) => {}
            Err(why) => self.parts.styles.refuse(why, &name),
        }
    }

    /// Removes a style.
    pub fn remove_style(&mut self, index: usize) {
        if let Some(style) = self.parts.styles.styles.remove(index) {
            self.styles_changed(true, move || words::style_removed(&style.name));
            let _ = self.parts.styles.undo.focus();
        }
    }

    /// Undoes the last change of the styles.
    pub fn undo_style(&mut self) {
        self.parts.styles.styles.undo();
        self.styles_changed(false, words::styles_back);
        let _ = self.parts.styles.name.focus();
    }

    /// Adds the styles of a file.
    pub(in crate::app::page) fn import_styles(&mut self, path: String, text: &str) {
        match read_styles(text) {
            Ok(imported) => {
                let count = imported.len();
                self.parts.styles.styles.import(imported);
                self.styles_changed(true, move || words::styles_imported(count));
            }
            Err(reason) => {
                self.parts.styles.said.set("");
                let error = ErrorReport::from(&Error::Io { path, reason });
                self.notify_error(&error, &[]);
            }
        }
    }

    fn styles_changed(&self, can_undo: bool, sentence: impl Into<LocalizedText>) {
        if !self.parts.styles.changed(sentence, can_undo) {
            self.note(words::styles_not_kept);
        }
    }
}
