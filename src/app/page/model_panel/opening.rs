//! A model is opened: on its way, there, stopped, or not to be had.

use super::state::{NotOpened, Target};
use crate::app::dom::{ask_to_keep, now};
use crate::app::page::controller::{Controller, Pending};
use crate::app::page::generation::Flow;
use crate::app::page::model_panel::wish::Wish;
use crate::app::page::notes::Offer;
use crate::app::page::view::Bar;
use crate::app::protocol::{Card, Command, DeviceChoice, Fault, Memory, ModelSheet, Origin, Stage};
use crate::app::words::{self, Line};

/// The user's side.
impl Controller {
    /// Loads the wanted model. A job that waits begins as soon as it is there.
    pub fn open(&mut self) {
        self.open_from(false);
    }

    fn open_from(&mut self, panel: bool) {
        let Target { wish: Wish { choice, files }, device, consent } = self.model.target().clone();
        let command = Command::Open { choice, device, consent };
        let id = self.request(Pending::Opening, command, &files);
        self.model.open(id, panel);
        self.flow = Flow::default();
        self.show_state();
        self.parts.view.other_device(match device {
            DeviceChoice::Webgpu => Line::from(words::use_cpu),
            DeviceChoice::Cpu => Line::from(words::use_gpu),
        });
        self.progress(words::starting_engine, Bar::Moving);
    }

    /// Goes on with another model. `consent`: the user has seen what it takes.
    pub fn use_model(&mut self, wish: Wish, consent: bool) {
        if self.jobs.is_running() {
            return self.parts.panel.complain(words::panel_busy);
        }
        if self.model.is_opening() {
            return;
        }
        // A job that only waits for its init image begins with the other model.
        if !(self.model.is_ready() && self.jobs.is_waiting()) {
            self.jobs.clear();
        }
        self.model.choose(wish, consent);
        self.parts.notes.clear();
        let from_panel = self.parts.panel.is_open();
        self.open_from(from_panel);
        if from_panel {
            self.parts.panel.go_to_progress();
        }
    }

    /// Goes on with the model that ships with the page.
    pub fn use_own_model(&mut self) {
        self.use_model(self.own.clone(), true);
    }

    /// Ends the download; what has arrived is kept.
    pub fn stop_download(&mut self) {
        if let Some(id) = self.model.opening().map(|opening| opening.id) {
            self.stoppable(false);
            self.cancel_request(id);
        }
    }

    /// Goes on with the model on the CPU.
    pub fn use_cpu(&mut self) {
        if !self.jobs.is_running() {
            self.model.choose_cpu();
            self.change_device();
        }
    }

    /// Goes on with the model on the device that is not in use.
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
            // A worker that holds a model gives its memory back only when it ends.
            self.close_engine();
        } else {
            self.jobs.resume();
        }
        self.parts.notes.clear();
        self.open();
    }
}

/// The engine's side.
impl Controller {
    pub(in crate::app::page) fn downloading(&mut self, received: u64, total: u64, origin: Origin) {
        let from_network = origin == Origin::Network;
        if from_network {
            if !std::mem::replace(&mut self.asked_to_keep, true) {
                ask_to_keep();
            }
            self.flow.arrived(now(), received);
        } else {
            self.flow.jumped();
        }
        let can_stop = matches!(origin, Origin::Network | Origin::Tab) && received < total;
        self.stoppable(can_stop);
        let bar = if total > 0 { Bar::Part(received as f64 / total as f64) } else { Bar::Moving };
        let rate = self.flow.rate();
        self.progress(move || words::downloading(received, total, origin, rate), bar);
    }

    pub(in crate::app::page) fn elsewhere(&mut self) {
        self.stoppable(true);
        self.progress(words::waiting_elsewhere, Bar::Moving);
    }

    pub(in crate::app::page) fn preparing(&mut self, stage: Stage) {
        self.stoppable(false);
        self.progress(move || words::stage(&stage), Bar::Moving);
    }

    pub(in crate::app::page) fn ready(
        &mut self,
        sheet: ModelSheet,
        device: String,
        memory: Memory,
    ) {
        self.parts.view.model(&sheet.name, &device);
        self.parts.panel.takes(memory);
        self.parts.form.take_defaults(&sheet);
        let from_panel = self.model.opened(sheet, device);
        self.rest(words::ready);
        // Who is typing there wants something else already.
        if from_panel && !self.parts.panel.is_typed_in() {
            self.end_inspection();
            self.parts.panel.settle();
            self.parts.panel.close();
        }
        if let Some(model) = self.made_with.take() {
            self.compare_model(model);
        }
        self.refresh_library();
        self.weigh();
        if let Some(source) = self.jobs.take_waiting() {
            self.start_or_wait(source);
        }
    }

    fn stoppable(&mut self, stoppable: bool) {
        self.parts.view.stoppable(stoppable);
        self.parts.panel.stoppable(stoppable);
    }

    /// The model is a large download that nobody has consented to yet.
    pub(in crate::app::page) fn asking(&mut self, card: &Card, model_stays: bool) {
        let wish = self.model.target().wish.clone();
        self.back_to_before(model_stays, words::model_large);
        self.end_inspection();
        let shown = self.parts.panel.ask(wish, card);
        self.refresh_library();
        self.tell_if_wrong(shown);
    }

    pub(in crate::app::page) fn stopped(&mut self, model_stays: bool) {
        self.back_to_before(model_stays, words::download_stopped);
        self.parts.panel.kept().say(words::download_stopped);
        self.refresh_library();
    }

    pub(in crate::app::page) fn not_opened(
        &mut self,
        fault: &Fault,
        offer_cpu: bool,
        model_stays: bool,
    ) {
        // A GPU's memory is given back only when its worker ends.
        if fault.is_of_gpu() {
            self.end_engine(false);
        }
        let in_panel = self.parts.panel.is_open();
        match self.model.failed(fault, in_panel, offer_cpu) {
            NotOpened::BackToDevice => {
                self.tell(fault, &[]);
                return self.open();
            }
            NotOpened::OpenBundled => {
                self.model.give_up(false);
                let fault = fault.clone();
                self.note(move || {
                    words::own_instead(
                        words::said(&fault.argument("value")),
                        words::said(&fault.argument("reason")),
                    )
                });
                self.model.choose(self.own.clone(), self.model.target().consent);
                return self.open();
            }
            NotOpened::Stay => {}
        }
        self.back_to_before(model_stays && !fault.is_of_gpu(), words::not_loaded);
        if in_panel {
            let fault = fault.clone();
            self.parts.panel.complain(move || words::about_model(&fault));
        }
        if !in_panel || offer_cpu {
            self.tell(fault, Offer::cpu(offer_cpu));
        }
    }

    /// The wanted model is not to be had now: the one before it goes on, if it is still there.
    fn back_to_before(&mut self, model_stays: bool, status: impl Into<Line>) {
        self.model.give_up(model_stays);
        if self.model.is_ready() {
            self.jobs.clear();
        }
        self.rest(status);
    }
}
