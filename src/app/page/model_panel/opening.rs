//! Opening of models.

use super::super::controller::{Controller, Pending};
use super::super::generation::DownloadRate;
use super::super::hub_token;
use super::super::notifications::{Action, Severity};
use super::super::preferences::{ModelPreference, Preferences};
use super::super::view::ProgressBar;
use super::selection::{ModelSelection, VaeSelection, label};
use super::state::{Chosen, ModelTarget, NotOpened};
use crate::app::dom::{now, request_persistent_storage};
use crate::app::protocol::{
    Card, Command, DeviceChoice, ErrorReport, Memory, ModelSheet, Origin, Place, Stage,
};
use crate::app::words::{self, LocalizedText};

/// User actions.
impl Controller {
    /// Opens the target model. A waiting job starts when it is loaded.
    pub fn open(&mut self) {
        self.open_from(false);
    }

    fn open_from(&mut self, panel: bool) {
        let ModelTarget { selection, device, consent } = self.model.target().clone();
        let choice = selection.choice.clone();
        let size = self.parts.form.chosen_size();
        let hub_token = hub_token::stored();
        let command = Command::Open { choice, device, consent, size, hub_token };
        let id = self.request_model(Pending::Opening, command, &selection);
        self.model.open(id, panel);
        self.download_rate = DownloadRate::default();
        self.show_state();
        self.parts.view.other_device(match device {
            DeviceChoice::Webgpu => LocalizedText::from(words::use_cpu),
            DeviceChoice::Cpu => LocalizedText::from(words::use_gpu),
        });
        self.progress(words::starting_engine, ProgressBar::Indeterminate);
    }

    /// Opens another model. `consent`: the user has seen its size.
    pub fn use_model(&mut self, selection: ModelSelection, consent: bool) {
        if self.jobs.is_running() {
            return self.parts.panel.show_problem(words::panel_busy);
        }
        if self.model.is_opening() {
            return;
        }
        // A job that waits only for its init image uses the new model.
        if !(self.model.is_ready() && self.jobs.is_waiting()) {
            self.jobs.clear();
        }
        self.model.choose_by_user(selection, consent);
        self.parts.notes.clear();
        let from_panel = self.parts.panel.is_open();
        self.open_from(from_panel);
        if from_panel {
            self.parts.panel.go_to_progress();
        }
    }

    /// Opens the loaded model with the autoencoder of the options.
    pub fn use_vae(&mut self) {
        let Some(loaded) = self.model.loaded() else { return };
        let selection = loaded.target.selection.clone();
        let selection = selection.with_vae(self.parts.panel.vae().selection());
        self.use_model(selection, false);
    }

    /// Handles Enter in the autoencoder's field: inspects the model of the card with it, or else uses it with the
    /// loaded model.
    pub fn vae_entered(&mut self) {
        match self.parts.panel.has_subject() {
            true => self.inspect_again(),
            false if self.parts.panel.vae().is_other() => self.use_vae(),
            false => {}
        }
    }

    /// Opens the loaded model with the inspected file, which is an autoencoder and no model.
    pub fn use_inspected_vae(&mut self) {
        let Some(subject) = self.parts.panel.subject() else { return };
        self.parts.panel.settle();
        let ModelSelection { choice, files, .. } = subject;
        self.parts.panel.vae().take((Some(choice.place), files));
        self.use_vae();
    }

    /// Handles an edit of the autoencoder's field.
    pub fn vae_edited(&mut self) {
        let loaded = self.model.loaded().filter(|_| !self.model.is_opening());
        let loaded = loaded.map(|loaded| &loaded.target.selection);
        self.parts.panel.vae().compare(loaded);
    }

    /// Takes another autoencoder into its field.
    pub fn take_vae(&mut self, selection: VaeSelection) {
        self.parts.panel.vae().take(selection);
        self.vae_edited();
        self.inspect_again();
    }

    /// Opens the bundled model.
    pub fn use_bundled_model(&mut self) {
        self.use_model(self.bundled_model.clone(), true);
    }

    /// Stops the download; received bytes stay stored.
    pub fn stop_download(&mut self) {
        if let Some(id) = self.model.opening().map(|opening| opening.id) {
            self.set_stoppable(false);
            self.cancel_request(id);
        }
    }

    /// Opens the model on the CPU.
    pub fn use_cpu(&mut self) {
        if !self.jobs.is_running() {
            self.model.choose_cpu();
            self.change_device();
        }
    }

    /// Opens the model on the other device.
    pub fn switch_device(&mut self) {
        if !self.jobs.is_running() {
            self.model.choose_device(match self.model.target().device {
                DeviceChoice::Webgpu => DeviceChoice::Cpu,
                DeviceChoice::Cpu => DeviceChoice::Webgpu,
            });
            self.change_device();
        }
    }

    fn change_device(&mut self) {
        if self.model.is_opening() || self.model.is_ready() {
            // A worker frees a model's memory only when it exits.
            self.close_worker();
        } else {
            self.jobs.requeue_interrupted();
        }
        self.parts.notes.clear();
        self.open();
    }
}

/// Worker events.
impl Controller {
    pub(in crate::app::page) fn downloading(&mut self, received: u64, total: u64, origin: Origin) {
        let from_network = origin == Origin::Network;
        if from_network {
            if !std::mem::replace(&mut self.requested_persistence, true) {
                request_persistent_storage();
            }
            self.download_rate.add_sample(now(), received);
        } else {
            self.download_rate.restart();
        }
        let can_stop = matches!(origin, Origin::Network | Origin::Tab) && received < total;
        self.set_stoppable(can_stop);
        let bar = if total > 0 {
            ProgressBar::Fraction(received as f64 / total as f64)
        } else {
            ProgressBar::Indeterminate
        };
        let rate = self.download_rate.rate();
        self.progress(move || words::downloading(received, total, origin, rate), bar);
    }

    /// Shows the download of the worker's program, on which the model's waits.
    pub(in crate::app::page) fn fetching_engine(&mut self, received: u64, total: u64) {
        if !self.model.is_opening() {
            return;
        }
        self.download_rate.add_sample(now(), received);
        let rest = total.saturating_sub(received) as f64;
        let left = self.download_rate.rate().filter(|rate| *rate > 0.0).map(|rate| rest / rate);
        let part = received as f64 / total.max(1) as f64;
        let status = move || words::starting_engine_part(part, left);
        // The bar is the model's, which comes next: a bar never goes back.
        self.progress(status, ProgressBar::Indeterminate);
        if received >= total {
            // The model comes next, perhaps from elsewhere.
            self.download_rate = DownloadRate::default();
        }
    }

    pub(in crate::app::page) fn waiting_for_other_tab(&mut self) {
        self.set_stoppable(true);
        self.progress(words::waiting_elsewhere, ProgressBar::Indeterminate);
    }

    pub(in crate::app::page) fn preparing(&mut self, stage: Stage) {
        self.set_stoppable(false);
        self.progress(move || words::stage(&stage), ProgressBar::Indeterminate);
    }

    pub(in crate::app::page) fn on_model_ready(
        &mut self,
        sheet: ModelSheet,
        device: String,
        memory: Memory,
        only_vae: bool,
    ) {
        self.parts.view.model(&sheet.name, &device);
        self.parts.panel.set_memory(memory);
        let from_panel = self.model.opened(sheet, device);
        self.remember_choice();
        self.parts.panel.vae().show(&self.model.target().selection);
        self.open_adapters(only_vae);
        self.set_idle(words::ready);
        if only_vae {
            let name = self.model.target().selection.vae().0.map(|place| label(&place).to_string());
            self.note(move || {
                let vae = name.as_ref().map_or_else(words::vae_of_model, words::vae_of_name);
                words::vae_taken(vae)
            });
        }
        // The user may already be typing another address.
        if from_panel && !self.parts.panel.has_new_input() {
            self.end_inspection();
            self.parts.panel.settle();
            self.parts.panel.close();
        }
        self.read_vocabulary();
        if let Some(model) = self.made_with.take() {
            self.compare_model(model);
        }
        self.refresh_library();
        self.check_size();
        if let Some(source) = self.jobs.take_waiting() {
            self.start_or_wait(source);
        }
        self.start_queued();
    }

    /// Keeps what the user has chosen for the next visit.
    fn remember_choice(&mut self) {
        let Chosen { model, device } = self.model.take_chosen();
        let ModelTarget { selection, device: chosen_device, .. } = self.model.target();
        let mut preferences = Preferences::read();
        let is_bundled = selection.is_same_place(&self.bundled_model);
        let shown = (!is_bundled && selection.files.is_empty()).then(|| ModelPreference {
            address: selection.label().to_string(),
            options: selection.choice.options.clone(),
            vae: match &selection.choice.vae {
                Some(Place::Address { text, .. }) => text.clone(),
                // Picked files cannot be opened again without the user.
                Some(Place::Picked { .. }) | None => String::new(),
            },
        });
        if model && selection.files.is_empty() {
            preferences.model.clone_from(&shown);
        }
        if device {
            preferences.device = Some(*chosen_device);
        }
        if model || device {
            preferences.save();
            let device = device.then_some(*chosen_device);
            Preferences { model: shown, device }.show_in_address(model, device.is_some());
        }
    }

    fn set_stoppable(&mut self, stoppable: bool) {
        self.parts.view.set_stoppable(stoppable);
        self.parts.panel.set_stoppable(stoppable);
    }

    /// Asks for consent to a large download.
    pub(in crate::app::page) fn ask_consent(&mut self, card: &Card, model_stays: bool) {
        let selection = self.model.target().selection.clone();
        self.return_to_previous(model_stays, words::model_large);
        self.end_inspection();
        let shown = self.parts.panel.ask_consent(selection, card);
        self.refresh_library();
        self.report(shown);
    }

    pub(in crate::app::page) fn on_download_stopped(&mut self, model_stays: bool) {
        self.return_to_previous(model_stays, words::download_stopped);
        self.parts.panel.kept().set_status(words::download_stopped);
        self.refresh_library();
    }

    pub(in crate::app::page) fn on_open_failed(
        &mut self,
        error: &ErrorReport,
        offer_cpu: bool,
        model_stays: bool,
    ) {
        // The GPU's memory is freed only when the worker exits.
        if error.is_of_gpu() {
            self.end_worker(false);
        }
        let in_panel = self.parts.panel.is_open();
        match self.model.failed(error, in_panel, offer_cpu) {
            NotOpened::BackToDevice => {
                self.notify_error(error, &[]);
                return self.open();
            }
            NotOpened::UseCpu => {
                let error = error.clone();
                let message =
                    LocalizedText::from(move || words::cpu_instead(words::error_reason(&error)));
                let actions = &[Action::UseGpu];
                self.parts.notes.notify_with_actions(message, Severity::Info, actions);
                return self.open();
            }
            NotOpened::OpenBundled => {
                self.model.give_up(false);
                let error = error.clone();
                self.note(move || {
                    words::own_instead(
                        words::message_text(&error.argument("value")),
                        words::message_text(&error.argument("reason")),
                    )
                });
                self.model.choose(self.bundled_model.clone(), self.model.target().consent);
                return self.open();
            }
            NotOpened::Stay => {}
        }
        self.return_to_previous(model_stays && !error.is_of_gpu(), words::not_loaded);
        if in_panel {
            let error = error.clone();
            self.parts.panel.show_problem(move || words::model_error_text(&error));
        }
        if !in_panel || offer_cpu {
            let has_none = !self.model.is_ready();
            let is_bundled = self.model.target().selection.is_same_place(&self.bundled_model);
            let actions = match offer_cpu {
                true => &[Action::UseCpu][..],
                // A model of an earlier visit may be gone.
                false if has_none && !is_bundled => &[Action::UseBundledModel],
                false => &[],
            };
            self.notify_error(error, actions);
        }
    }

    /// Returns to the previously loaded model, if it is still loaded.
    fn return_to_previous(&mut self, model_stays: bool, status: impl Into<LocalizedText>) {
        self.model.give_up(model_stays);
        if self.model.is_ready() {
            self.jobs.clear();
        }
        self.set_idle(status);
    }
}
