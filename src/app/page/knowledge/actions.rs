//! Controller actions on what the bundled model knows.

use std::rc::Rc;

use super::super::address::BUNDLED_NAME;
use super::super::controller::Controller;
use super::super::notifications::{Action, Severity};
use super::super::offline;
use super::facts::Knowledge;
use super::wording::{List, with_other_thing, with_phrase, with_replacement, with_thing};
use super::{Purpose, language_of_page, nearest, template};
use crate::app::words::{self, LocalizedText};

impl Controller {
    /// Opens the list.
    pub fn open_knowledge(&mut self) {
        let panel = &self.parts.knowledge;
        panel.say(words::knowledge_reading);
        panel.open();
        panel.read(Purpose::List);
    }

    /// Closes the list.
    pub fn close_knowledge(&mut self) {
        self.parts.knowledge.close();
    }

    /// Writes a random prompt.
    pub fn roll_prompt(&mut self) {
        self.parts.knowledge.read(Purpose::RandomPrompt);
    }

    /// Says which words of the prompt the loaded model does not know, offers the nearest and other models.
    pub(in crate::app::page) fn note_unknown_words(&self, prompt: &str) {
        if !self.vocabulary.borrow().unknown_words(prompt).is_empty() {
            self.parts.knowledge.read(Purpose::UnknownWords(prompt.to_string()));
        }
    }

    /// Goes on with what was read; `None` if it cannot be had.
    pub(super) fn knowledge_read(&mut self, purpose: Purpose, knowledge: Option<Rc<Knowledge>>) {
        match (purpose, knowledge) {
            (Purpose::UnknownWords(prompt), knowledge) => {
                self.show_unknown_words(&prompt, knowledge.as_deref());
            }
            (Purpose::List, None) => self.parts.knowledge.say(words::knowledge_missing),
            (Purpose::RandomPrompt, None) => self.note(words::knowledge_missing),
            (Purpose::List, Some(knowledge)) => {
                self.parts.knowledge.show_list(&knowledge);
                self.parts.knowledge.show_prompt(&self.parts.form.prompt());
            }
            (Purpose::RandomPrompt, Some(knowledge)) => self.write_random_prompt(&knowledge),
        }
    }

    fn write_random_prompt(&mut self, knowledge: &Knowledge) {
        let language = knowledge.prompt_language(language_of_page());
        let prompt = template::random_prompt(knowledge, language, &mut below);
        let Some(prompt) = prompt else { return };
        let negative_prompt = self.parts.form.prompts()[1].clone();
        let prompts = [prompt.clone(), negative_prompt];
        self.suggest(words::prompt_dice_used, |form| form.use_prompts(prompts));
        self.parts.knowledge.written.replace(Some(prompt));
    }

    /// Shows what the typed text finds.
    pub fn search_knowledge(&mut self) {
        if let Some(knowledge) = self.parts.knowledge.file.content() {
            let vocabulary = self.vocabulary.borrow();
            self.parts.knowledge.find(&knowledge, &|word| vocabulary.knows(word));
        }
    }

    /// Puts a thing into the prompt.
    pub fn put_thing(&mut self, index: usize) {
        let Some(knowledge) = self.parts.knowledge.file.content() else { return };
        let Some(thing) = knowledge.things.get(index) else { return };
        let language = knowledge.prompt_language(language_of_page());
        let prompt = self.parts.form.prompt();
        let changed = match with_other_thing(&knowledge, language, &prompt, thing) {
            Some(changed) => Some(changed),
            None if prompt.trim().is_empty() || self.is_suggested(&prompt) => {
                template::prompt_of(&knowledge, language, thing, &mut below)
            }
            None => with_thing(language, &prompt, thing),
        };
        self.put(changed);
    }

    /// Puts a colour, place or style into the prompt.
    pub fn put_phrase(&mut self, list: List, index: usize) {
        let Some(knowledge) = self.parts.knowledge.file.content() else { return };
        let Some(phrase) = list.phrases(&knowledge).get(index) else { return };
        let language = knowledge.prompt_language(language_of_page());
        let prompt = self.parts.form.prompt();
        self.put(with_phrase(&knowledge, language, &prompt, list, phrase));
    }

    fn put(&mut self, prompt: Option<String>) {
        if let Some(prompt) = prompt {
            let prompts = [prompt, self.parts.form.prompts()[1].clone()];
            self.replace(false, |form| form.use_prompts(prompts));
            self.prompts_changed();
        }
        self.parts.knowledge.show_prompt(&self.parts.form.prompt());
    }

    fn show_unknown_words(&self, prompt: &str, knowledge: Option<&Knowledge>) {
        let vocabulary = self.vocabulary.borrow();
        let mut unknown = vocabulary.unknown_words(prompt);
        let mut replacements = Vec::new();
        if let Some(knowledge) = knowledge {
            let parts = unknown.iter().flat_map(|word| nearest::unknown_parts(knowledge, word));
            unknown = parts.collect();
            let near = |word: &String| {
                let near = nearest::nearest(knowledge, word, &|word| vocabulary.knows(word))?;
                Some((word.clone(), near))
            };
            replacements = unknown.iter().filter_map(near).collect();
        }
        if unknown.is_empty() {
            return;
        }
        let message = LocalizedText::from(move || {
            words::unknown_words(BUNDLED_NAME, unknown.join(&words::comma()))
        });
        let notes = &self.parts.notes;
        notes.notify_with_actions(message, Severity::Info, &[Action::OtherModels]);
        notes.offer_replacements(&replacements);
    }

    /// Replaces an unknown word of the prompt.
    pub fn replace_word(&mut self, word: &str, by: &str) {
        let prompt = self.parts.form.prompt();
        let changed = with_replacement(&prompt, word, by);
        self.parts.notes.withdraw(Action::OtherModels);
        self.note_unknown_words(&changed);
        if changed != prompt {
            self.replace(false, |form| form.use_prompt("prompt", &changed));
            let (word, by) = (word.to_string(), by.to_string());
            self.offer_undo(move || words::word_replaced(&word, &by));
            self.prompts_changed();
        }
    }

    /// Keeps the file for visits without a network, once a picture is there.
    pub(in crate::app::page) fn keep_knowledge(&self) {
        let loaded = self.model.loaded();
        if loaded.is_some_and(|loaded| loaded.target.selection.is_same_place(&self.bundled_model)) {
            offline::keep_more();
        }
    }
}

/// Returns a random number below another.
fn below(count: usize) -> usize {
    (js_sys::Math::random() * count as f64) as usize
}
