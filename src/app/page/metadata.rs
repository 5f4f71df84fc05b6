//! Handling of opened and dropped files.
//!
//! A file is a model, an image with metadata, or an init image.

use std::cell::Cell;
use std::rc::Rc;

use web_sys::File;

use super::adapters::OtherEmbeddings;
use super::controller::{Controller, Pending};
use super::file_picker::{OpenedFiles, are_separate};
use super::notifications::{Action, Severity};
use super::stale_errors::has_marked_field;
use crate::app::protocol::{Command, ImageMetadata};
use crate::app::words;
use crate::params::{AdapterUse, DefaultRule, FIELDS, Field, GenerationParams, Section};
use crate::scheduler::NoiseSource;

impl Controller {
    /// Handles opened files. `onto_init_image`: they were dropped onto the init image panel.
    pub fn open_files(&mut self, found: OpenedFiles, onto_init_image: bool) {
        match found {
            OpenedFiles::Model(selection, picture) if are_separate(&selection.files) => {
                self.close_panel();
                self.add_selected_adapter(*selection);
                self.read_beside_adapter(picture);
            }
            OpenedFiles::Model(selection, picture) => self.inspect_dropped(*selection, picture),
            OpenedFiles::Texts(files) => {
                self.close_panel();
                self.add_text_files(files);
            }
            OpenedFiles::Empty => self.inspect_picked(None),
            OpenedFiles::Unknown(name) => self.reject_file(name),
            OpenedFiles::Image(file) if !onto_init_image && may_have_metadata(&file) => {
                self.read_metadata(file)
            }
            OpenedFiles::Image(file) => self.use_image_file(file),
        }
    }

    fn reject_file(&mut self, name: String) {
        let sentence = move || words::neither_picture_nor_model(&name);
        if self.parts.panel.is_open() {
            return self.parts.panel.show_problem(sentence);
        }
        self.note(sentence);
        self.parts.notes.scroll_to_newest();
    }

    /// Requests the metadata of an image file.
    fn read_metadata(&mut self, file: File) {
        self.close_panel();
        self.metadata_file = Some(file.clone());
        let pending = Pending::Metadata(file.clone());
        self.request(pending, Command::ReadMetadata, &[(file.name(), file)]);
    }

    /// Reads the settings of a picture that was dropped beside an adapter, when that is open.
    pub(super) fn read_beside_adapter(&mut self, picture: Option<File>) {
        if let Some(picture) = picture.filter(may_have_metadata) {
            self.parts.adapters.picture = Some(picture);
            self.read_waiting_picture();
        }
    }

    /// Reads the settings of the picture that waits for its adapters, unless one of them is still being opened.
    pub(super) fn read_waiting_picture(&mut self) {
        if self.model.is_opening() || self.parts.adapters.shelf().awaits() {
            return;
        }
        if let Some(picture) = self.parts.adapters.picture.take() {
            let pending = Pending::BesideAdapter(picture.clone());
            self.request(pending, Command::ReadMetadata, &[(picture.name(), picture)]);
        }
    }

    /// Applies the metadata of `file`, or uses it as init image if there is none.
    pub(super) fn on_metadata(&mut self, file: File, metadata: Option<ImageMetadata>) {
        // The user has opened another file since.
        if self.metadata_file.as_ref() != Some(&file) {
            return;
        }
        match metadata {
            Some(metadata) => {
                self.apply_metadata(&metadata, false, &[Action::UseAsInitImage]);
                // The file lacks its init image, but the history may have it.
                if metadata.params.strength.is_some() && !self.jobs.is_running() {
                    self.parts.history.find_file(file, metadata);
                }
            }
            None => self.use_image_file(file),
        }
    }

    /// Uses the opened file as init image and restores the form's previous settings.
    pub fn use_dropped_image(&mut self) {
        let Some(file) = self.metadata_file.take() else { return };
        self.restore_settings();
        self.use_image_file(file);
    }

    /// Replaces the form's values by metadata of a picture, or of a pasted text if `is_text`, with a
    /// notification that offers to undo it and `actions`.
    pub(super) fn apply_metadata(
        &mut self,
        metadata: &ImageMetadata,
        is_text: bool,
        actions: &[Action],
    ) {
        self.reset_status(if is_text { words::settings_of_text } else { words::settings_back });
        let is_taken = FIELDS.iter().any(|field| metadata.params.get(field).is_some());
        // Prompts alone leave the rest as it is.
        let has_settings =
            metadata.params.num_inference_steps.is_some() || metadata.params.seed.is_some();
        self.replace(has_settings, |form| match has_settings {
            true => form.apply_metadata(metadata),
            false => form.apply_params(&metadata.params),
        });
        // Only Hearth's own files have it.
        let is_own = metadata.model.as_ref().is_some_and(|model| model.fingerprint.is_some());
        let embeddings = metadata.embeddings.iter();
        let embeddings = embeddings.map(|name| AdapterUse::whole(name.clone()));
        let uses: Vec<AdapterUse> = metadata.adapters.iter().cloned().chain(embeddings).collect();
        let others = if is_own { OtherEmbeddings::Off } else { OtherEmbeddings::Stay };
        let params = GenerationParams::default().with(&metadata.params);
        let missing = match has_settings {
            true => self.take_over_adapters(&uses, others, &params),
            false => None,
        };
        let marked = Rc::new(Cell::new(has_marked_field()));
        self.settings_are_marked = Some(Rc::clone(&marked));
        self.check_size();
        let (lost, from_picture) = (metadata.lost.clone(), metadata.params.strength.is_some());
        let mut fields = FIELDS.iter().filter(|field| field.section != Section::InitImage);
        let may_be_absent = |field: &Field| field.default == DefaultRule::Absent;
        let is_there = |field: &Field| metadata.params.get(field).is_some();
        let is_whole = fields.all(|field| is_there(field) || may_be_absent(field))
            && !from_picture
            && missing.is_none()
            && lost.is_empty();
        let switches_off = is_taken && self.parts.prompts.stop_expanding(&params.prompt);
        let has_nv_noise = params.noise == Some(NoiseSource::Nv);
        let kept = (has_settings && metadata.params.scheduler.is_none())
            .then(|| self.parts.form.scheduler_label())
            .flatten();
        let message = move || {
            let is_marked = marked.get();
            let mut text = match (is_whole && !is_marked, is_own) {
                (true, true) => words::recipe_restored(),
                (true, false) if has_nv_noise => words::recipe_with_nv_noise(),
                (true, false) => words::recipe_of_other_program(),
                (false, _) if is_taken => words::recipe_partly_restored(),
                (false, _) => words::recipe_not_taken(),
            };
            if !lost.is_empty() {
                let lost: Vec<String> = lost.iter().map(words::message_text).collect();
                text = format!("{text} {}", words::recipe_lost(lost.join(&words::among_lost())));
            }
            if let Some(kept) = &kept {
                text = format!("{text} {}", words::recipe_keeps_sampler(kept));
            }
            if let Some(missing) = &missing {
                text = format!("{text} {}", missing.text());
            }
            if switches_off {
                text = format!("{text} {}", words::recipe_switches_off());
            }
            if from_picture {
                text = format!("{text} {}", words::recipe_from_picture());
            }
            if is_marked {
                text = format!("{text} {}", words::recipe_is_marked());
            }
            text
        };
        let actions = [actions, &[Action::RestoreSettings]].concat();
        self.parts.notes.notify_with_actions(message, Severity::Info, &actions);
        if let Some(model) = metadata.model.clone() {
            self.compare_model(model);
        }
    }
}

fn may_have_metadata(file: &File) -> bool {
    const TYPES: [&str; 3] = ["image/png", "image/jpeg", "image/webp"];
    const ENDINGS: [&str; 4] = [".png", ".jpg", ".jpeg", ".webp"];
    let name = file.name().to_lowercase();
    TYPES.contains(&file.type_().as_str()) || ENDINGS.iter().any(|ending| name.ends_with(ending))
}
