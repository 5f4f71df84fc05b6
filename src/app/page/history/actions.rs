//! Controller actions on images of the history.

use super::super::adapters::OtherEmbeddings;
use super::super::controller::Controller;
use super::super::form::random_seed;
use super::super::generation::{GeneratedImage, Job, JobSource};
use super::super::model_panel::selection::ModelSelection;
use super::super::model_panel::state::LoadedModel;
use super::super::notifications::Action;
use super::{HistoryEvent, StoreError};
use crate::app::protocol::{ModelName, VaeName};
use crate::app::words;

/// Number of variations, unless the form asks for several images.
const VARIATIONS: u32 = 4;

impl Controller {
    /// Shows an image of the history. The form stays as it is.
    pub fn show_earlier(&mut self, generated: GeneratedImage) {
        let shown = self.parts.output.show(&generated);
        self.parts.history.mark(Some(&generated.entry.key));
        self.report(shown);
        self.shown = Some(generated);
        self.set_looking_back(self.jobs.is_running());
    }

    /// Sets whether an earlier image is shown during a run, in place of the run's previews.
    pub(in crate::app::page) fn set_looking_back(&mut self, looks_back: bool) {
        self.looks_back = looks_back;
        self.parts.output.set_looking_back(looks_back);
    }

    /// Shows the run's previews again.
    pub fn watch_run(&mut self) {
        self.set_looking_back(false);
        self.parts.output.begin();
    }

    /// Shows the images of the last batch side by side.
    pub fn show_batch(&mut self) {
        self.parts.output.show_batch();
    }

    /// Replaces the form's values by the settings of the shown image, including its seed and init
    /// image.
    pub fn use_settings(&mut self) {
        let Some(shown) = &self.shown else { return };
        let (request, model) = (shown.entry.request.clone(), shown.entry.made_by.model.clone());
        self.reset_status(words::settings_back);
        self.replace(true, |form| form.restore(&request));
        let missing =
            self.take_over_adapters(&request.adapters, OtherEmbeddings::Off, &request.params);
        self.check_size();
        self.offer_undo(move || match &missing {
            Some(missing) => format!("{} {}", words::settings_used(), missing.text()),
            None => words::settings_used(),
        });
        self.compare_model(model);
    }

    /// Shows the image of the history that the user has opened as a file, whose metadata is in the
    /// form, and adds its init image to the form.
    fn found(&mut self, generated: GeneratedImage) {
        let request = generated.entry.request.clone();
        self.show_earlier(generated);
        self.parts.form.restore(&request);
        self.check_size();
    }

    /// Removes an image; clears the frame if it is shown.
    pub fn remove_picture(&mut self, key: String) {
        if self.shown.as_ref().is_some_and(|shown| shown.entry.key == key) {
            self.clear_output();
        }
        self.parts.output.batch().remove(&key);
        self.parts.history.remove(key);
    }

    /// Removes the shown image.
    pub fn remove_shown(&mut self) {
        if let Some(shown) = &self.shown {
            self.remove_picture(shown.entry.key.clone());
        }
    }

    /// Removes all images.
    pub fn remove_all_pictures(&mut self) {
        self.parts.output.batch().clear();
        self.clear_output();
        self.parts.history.remove_all();
    }

    fn clear_output(&mut self) {
        self.shown = None;
        self.parts.output.clear();
    }

    /// Generates images with the settings of the shown one and new seeds. The form stays as it is.
    pub fn vary(&mut self) {
        let Some(shown) = &self.shown else { return };
        let mut request = shown.entry.request.clone();
        request.params.seed = random_seed();
        let count = self.parts.form.pictures().ok().filter(|count| *count > 1);
        let job = Job::new(request, count.unwrap_or(VARIATIONS));
        if self.jobs.is_running() {
            return self.enqueue(job);
        }
        if !self.is_cancellable() {
            self.parts.notes.clear_except(Action::RestoreSettings);
            self.start_or_wait(JobSource::Job(Box::new(job)));
        }
    }

    /// Uses the shown image as init image.
    pub fn use_as_input(&mut self) {
        if let Some(shown) = &self.shown {
            let pixels = shown.pixels();
            self.use_image(pixels);
        }
    }

    /// Handles an event of the history.
    pub fn on_history_event(&mut self, event: HistoryEvent) {
        let event = match event {
            HistoryEvent::Found(found) => return self.found((*found).into()),
            HistoryEvent::Repeated { key, kept } => return self.repeated(&key, kept),
            event => event,
        };
        self.note(move || match &event {
            HistoryEvent::Found(_) | HistoryEvent::Repeated { .. } => String::new(),
            HistoryEvent::NotSaved(StoreError::Full) => words::not_kept_full(),
            HistoryEvent::NotSaved(StoreError::NewerVersion) => words::not_kept_newer(),
            HistoryEvent::NotSaved(StoreError::Other(reason)) => {
                words::not_kept(words::clause(reason))
            }
            HistoryEvent::Missing => words::picture_gone(),
            HistoryEvent::NotLoaded(StoreError::Other(reason)) => {
                words::picture_not_read(words::clause(reason))
            }
            HistoryEvent::NotLoaded(StoreError::Full | StoreError::NewerVersion) => {
                words::not_kept_newer()
            }
        });
    }

    /// Replaces the key of a generated image by that of the equal one in the history.
    fn repeated(&mut self, key: &str, kept: String) {
        self.parts.output.batch().rename(key, &kept);
        if let Some(shown) = self.shown.as_mut().filter(|shown| shown.entry.key == key) {
            shown.entry.key = kept;
        }
        self.note(words::picture_repeated);
    }

    /// Notifies the user if an image was generated by another model than the loaded one. If none is
    /// loaded yet, this is done after loading.
    pub(in crate::app::page) fn compare_model(&mut self, made_with: ModelName) {
        let Some(LoadedModel { sheet, .. }) = self.model.loaded() else {
            self.made_with = Some(made_with);
            return;
        };
        let ModelName { name, place, fingerprint, vae } = &made_with;
        let is_known = place.is_some() || fingerprint.is_some() || !name.is_empty();
        if !is_known || made_with.is_same(&sheet.identity) {
            let is_own = fingerprint.is_some();
            let vaes = [vae.clone(), sheet.identity.vae.clone()];
            return self.compare_vae(vaes, is_own);
        }
        let (ModelName { name, place, vae, .. }, loaded) = (made_with, sheet.name.clone());
        let is_somewhere = place.is_some();
        let message = move || {
            let model = match is_somewhere {
                true => words::made_with(&name, &loaded),
                false => words::made_with_nowhere(&name, &loaded),
            };
            match &vae {
                Some(vae) => format!("{model} {}", words::made_with_its_vae(&vae.name)),
                None => model,
            }
        };
        self.parts.notes.notify_about_model(message, place.as_deref());
    }

    /// Notifies the user if an image was generated with another autoencoder than that of the loaded model.
    /// `is_own`: Hearth made it, which names every autoencoder that is not the model's own.
    fn compare_vae(&self, [made_with, loaded]: [Option<VaeName>; 2], is_own: bool) {
        let is_same = match (&made_with, &loaded) {
            (Some(one), Some(other)) => one.is_same(other),
            (None, Some(_)) => !is_own,
            (made_with, None) => made_with.is_none(),
        };
        if !is_same {
            let name = |vae: &Option<VaeName>| match vae {
                Some(vae) => words::vae_of_name(&vae.name),
                None => words::vae_of_model(),
            };
            self.note(move || words::made_with_vae(name(&made_with), name(&loaded)));
        }
    }

    /// Inspects the model at `place` in the panel.
    pub fn inspect_place(&mut self, place: &str) {
        self.open_panel();
        let selection = ModelSelection::address(place, &self.base);
        self.inspect(selection);
    }
}
