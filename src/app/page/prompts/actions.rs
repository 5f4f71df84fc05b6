//! Controller actions on many prompts.

use super::super::adapters::state::with_word;
use super::super::controller::Controller;
use super::super::file_picker::TextFile;
use crate::app::dom::clear_field_error;
use crate::app::protocol::ErrorReport;
use crate::app::words::{self, LocalizedText};
use crate::error::Result;
use crate::params::GenerationParams;
use crate::prompt::wildcard_name;

impl Controller {
    /// Takes over the switches.
    pub fn switch_expansion(&mut self) {
        self.parts.prompts.read_switches();
        self.expansion_changed();
    }

    /// Adds text files: those that end in `.csv` have styles, the others are wildcards.
    pub fn add_text_files(&mut self, files: Vec<TextFile>) {
        let drew = self.parts.prompts.expansion().draws;
        for TextFile { path, text } in files {
            if text.contains(char::REPLACEMENT_CHARACTER) {
                self.note(move || words::text_not_utf8(&path));
            } else if path.to_lowercase().ends_with(".csv") {
                self.import_styles(path, &text);
            } else if let Some(name) = wildcard_name(&path)
                && let Some(sentence) = self.parts.prompts.add_wildcard(&name, &text)
            {
                self.note(sentence);
            }
        }
        if !drew && self.parts.prompts.expansion().draws {
            self.note(words::wildcards_drawn);
        }
        self.parts.prompts.reveal();
        self.expansion_changed();
    }

    /// Removes a wildcard.
    pub fn remove_wildcard(&mut self, name: &str) {
        self.parts.prompts.remove_wildcard(name);
        self.expansion_changed();
    }

    /// Says anew what becomes of the prompt, whose errors may have gone with what it is expanded by.
    fn expansion_changed(&mut self) {
        clear_field_error("prompt");
        self.settle_rejection();
        self.prompts_changed();
    }

    /// Puts a wildcard's name at the end of the prompt.
    pub fn insert_wildcard(&mut self, name: &str) {
        let prompt = self.parts.form.prompt();
        if let Some(prompt) = with_word(&prompt, &format!("__{name}__")) {
            self.replace(false, |form| form.use_prompt("prompt", &prompt));
            self.prompts_changed();
        }
    }

    /// Says what the prompt's text becomes, and reads it anew.
    pub fn prompts_changed(&mut self) {
        self.show_outlook();
        self.read_prompts();
    }

    /// Returns the parameters with the prompt of the first picture, as far as it can be had.
    pub(in crate::app::page) fn with_first_prompt(
        &self,
        params: GenerationParams,
    ) -> GenerationParams {
        let first = self.parts.prompts.expansion().pictures(&params, 1);
        match first.ok().and_then(|pictures| pictures.into_iter().next()) {
            Some(first) => params.with(&first),
            None => params,
        }
    }

    /// Says what the prompt's text becomes, or why it cannot be expanded unless that is said beside the prompt.
    pub(in crate::app::page) fn show_outlook(&self) {
        let expansion = self.parts.prompts.expansion();
        if !(expansion.each_line || expansion.draws) {
            return self.parts.prompts.set_outlook("");
        }
        let outlook = self.outlook().unwrap_or_else(|error| {
            let error = ErrorReport::from(&error);
            match self.parts.form.has_prompt_error() && error.detail("field") == "prompt" {
                true => "".into(),
                false => LocalizedText::from(move || words::error_text(&error)),
            }
        });
        self.parts.prompts.set_outlook(outlook);
    }

    fn outlook(&self) -> Result<LocalizedText> {
        let (form, expansion) = (&self.parts.form, self.parts.prompts.expansion());
        let params = form.settings()?;
        let pictures = expansion.pictures(&params, form.pictures()?)?;
        let (prompts, count) = (expansion.prompts(&params.prompt).len(), pictures.len());
        let first = pictures.into_iter().next().and_then(|picture| picture.prompt);
        let first = first.unwrap_or_default();
        let draws = expansion.draws && first != params.prompt;
        let is_next = !form.needs_new_seed();
        Ok(LocalizedText::from(move || {
            let counts = match (prompts, count) {
                (1, 1) => None,
                (1, count) => Some(words::pictures_at_once(count)),
                (prompts, count) => Some(words::prompts_count(prompts, count)),
            };
            let first = draws.then(|| match is_next {
                true => words::prompts_first(&first),
                false => words::prompts_such_as(&first),
            });
            [counts, first].into_iter().flatten().collect::<Vec<_>>().join(" · ")
        }))
    }
}
