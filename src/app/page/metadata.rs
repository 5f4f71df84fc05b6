//! Files that were dropped or opened: a model, a picture with its settings, or a picture alone.

use web_sys::File;

use crate::app::page::controller::{Controller, Pending};
use crate::app::page::notes::{Offer, Weight};
use crate::app::page::picking::Found;
use crate::app::protocol::{Command, Recipe};
use crate::app::words;
use crate::params::{FIELDS, Section};

impl Controller {
    /// The one place that decides what becomes of files. `onto_start`: they were dropped where the
    /// picture to start from stands.
    pub fn take_files(&mut self, found: Found, onto_start: bool) {
        match found {
            Found::Model(wish) => self.look_at_picked(Some(wish)),
            Found::Nothing => self.look_at_picked(None),
            Found::Stray(name) => self.refuse_file(name),
            // Other kinds of files hold no recipe.
            Found::Picture(file) if !onto_start && is_png(&file) => self.look_at_picture(file),
            Found::Picture(file) => self.start_from_file(file),
        }
    }

    fn refuse_file(&mut self, name: String) {
        let sentence = move || words::neither_picture_nor_model(&name);
        if self.parts.panel.is_open() {
            return self.parts.panel.complain(sentence);
        }
        self.note(sentence);
        self.parts.notes.bring_into_sight();
    }

    /// Asks what a picture's file tells of its settings.
    fn look_at_picture(&mut self, file: File) {
        self.close_panel();
        self.asked_file = Some(file.clone());
        let pending = Pending::Metadata(file.clone());
        self.request(pending, Command::ReadMetadata, &[(file.name(), file)]);
    }

    /// Handles what `file` says of its settings.
    pub(in crate::app::page) fn recipe_found(&mut self, file: File, recipe: Option<Recipe>) {
        // Another one was dropped meanwhile.
        if self.asked_file.as_ref() != Some(&file) {
            return;
        }
        match recipe {
            Some(recipe) => {
                self.restore(&recipe);
                // What it was made from is in no file, but perhaps in this browser.
                if recipe.params.strength.is_some() && !self.jobs.is_running() {
                    self.parts.earlier.seek(file, recipe);
                }
            }
            None => self.start_from_file(file),
        }
    }

    /// The picture that was dropped is to be started from; its settings are not wanted.
    pub fn start_from_dropped(&mut self) {
        let Some(file) = self.asked_file.take() else { return };
        self.put_back_settings();
        self.start_from_file(file);
    }

    /// What stood in the form before a recipe was put there stands there again.
    pub fn put_back_settings(&mut self) {
        if let Some((replaced, keeps_seed)) = self.replaced.take() {
            self.parts.form.restore(&replaced);
            self.parts.form.keep_seed(keeps_seed);
            self.start_afresh(words::settings_back);
            self.weigh();
        }
    }

    fn restore(&mut self, recipe: &Recipe) {
        self.start_afresh(words::settings_back);
        let keeps_seed = self.parts.form.keeps_seed();
        self.replaced = self.parts.form.read().ok().map(|request| (request, keeps_seed));
        self.parts.form.clear_complaints();
        self.parts.form.restore_known(recipe);
        self.weigh();
        let (lost, from_picture) = (recipe.lost.clone(), recipe.params.strength.is_some());
        let mut fields = FIELDS.iter().filter(|field| field.section != Section::InitImage);
        let is_whole = fields.all(|field| recipe.params.get(field).is_some())
            && !from_picture
            && lost.is_empty();
        let message = move || {
            let mut said = match is_whole {
                true => words::recipe_restored(),
                false => words::recipe_partly_restored(),
            };
            if !lost.is_empty() {
                let lost: Vec<String> = lost.iter().map(words::said).collect();
                said = format!("{said} {}", words::recipe_lost(lost.join(&words::among_lost())));
            }
            if from_picture {
                said = format!("{said} {}", words::recipe_from_picture());
            }
            said
        };
        let undo = self.replaced.as_ref().map(|_| Offer::PutBack);
        let offers: Vec<Offer> = [Offer::StartFromIt].into_iter().chain(undo).collect();
        self.parts.notes.say_and_offer(message, Weight::Note, &offers);
        if let Some(model) = recipe.model.clone() {
            self.compare_model(model);
        }
    }
}

fn is_png(file: &File) -> bool {
    file.type_() == "image/png" || file.name().to_lowercase().ends_with(".png")
}
