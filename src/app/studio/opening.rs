//! A model is opened: on its way, there, stopped, or not to be had.

use super::{Loaded, Pending, Phase, Studio};
use crate::app::dom::{ask_to_keep, now};
use crate::app::notes::Offer;
use crate::app::protocol::{Card, Command, DeviceChoice, Fault, Memory, ModelSheet, Origin, Stage};
use crate::app::time::Flow;
use crate::app::view::Bar;
use crate::app::wish::Wish;
use crate::app::words::{self, Line};

/// The user's side.
impl Studio {
    /// Loads the wanted model; `wanted` starts a run as soon as it is there.
    pub fn open(&mut self, wanted: bool) {
        let Wish { choice, files } = self.wish.clone();
        let (device, consent) = (self.device, self.consent);
        let command = Command::Open { choice, device, consent };
        let id = self.request(Pending::Opening, command, &files);
        self.phase = Phase::Opening { id, wanted };
        self.flow = Flow::default();
        self.show_state();
        self.parts.view.other_device(match self.device {
            DeviceChoice::Webgpu => Line::from(words::use_cpu),
            DeviceChoice::Cpu => Line::from(words::use_gpu),
        });
        self.progress(words::starting_engine, Bar::Moving);
    }

    /// Goes on with another model. `consent`: the user has seen what it takes.
    pub fn use_model(&mut self, wish: Wish, consent: bool) {
        match self.phase {
            Phase::Opening { .. } => return,
            Phase::Busy(_) => {
                return self.parts.panel.complain(words::panel_busy);
            }
            Phase::Ready | Phase::Failed { .. } => {}
        }
        self.wish = wish;
        self.consent = consent;
        self.from_panel = self.parts.panel.is_open();
        self.parts.notes.clear();
        self.open(false);
        if self.from_panel {
            self.parts.panel.go_to_progress();
        }
    }

    /// Goes on with the model that ships with the page.
    pub fn use_own_model(&mut self) {
        self.use_model(self.own.clone(), true);
    }

    /// Ends the download; what has arrived is kept.
    pub fn stop_download(&mut self) {
        if let Phase::Opening { id, .. } = self.phase {
            self.stoppable(false);
            self.cancel_request(id);
        }
    }

    /// Goes on with the model on the CPU.
    pub fn use_cpu(&mut self) {
        if let Some(wish) = self.refused.take() {
            self.wish = wish;
        }
        self.use_device(DeviceChoice::Cpu);
    }

    /// Goes on with the model on the device that is not in use.
    pub fn switch_device(&mut self) {
        self.use_device(match self.device {
            DeviceChoice::Webgpu => DeviceChoice::Cpu,
            DeviceChoice::Cpu => DeviceChoice::Webgpu,
        });
    }

    fn use_device(&mut self, device: DeviceChoice) {
        let wanted = match self.phase {
            Phase::Busy(_) => return,
            Phase::Opening { wanted, .. } | Phase::Failed { wanted } => wanted,
            Phase::Ready => false,
        };
        // A worker that holds a model gives its memory back only when it ends.
        if !matches!(self.phase, Phase::Failed { .. }) {
            self.close_engine();
        }
        self.ran_on = self.loaded_on.take();
        self.device = device;
        if wanted && self.resumed.is_none() {
            self.resumed = self.interrupted.take();
        }
        self.parts.notes.clear();
        self.open(wanted);
    }
}

/// The engine's side.
impl Studio {
    pub(super) fn downloading(&mut self, received: u64, total: u64, origin: Origin) {
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

    pub(super) fn elsewhere(&mut self) {
        self.stoppable(true);
        self.progress(words::waiting_elsewhere, Bar::Moving);
    }

    pub(super) fn preparing(&mut self, stage: Stage) {
        self.stoppable(false);
        self.progress(move || words::stage(&stage), Bar::Moving);
    }

    pub(super) fn ready(&mut self, sheet: ModelSheet, device: String, memory: Memory) {
        self.parts.view.model(&sheet.name, &device);
        self.parts.panel.takes(memory);
        self.parts.form.take_defaults(&sheet);
        self.loaded = Some(Loaded { wish: self.wish.clone(), sheet, device });
        self.consent = true; // It is here.
        (self.loaded_on, self.ran_on) = (Some(self.device), None);
        self.refused = None;
        let wanted = matches!(self.phase, Phase::Opening { wanted: true, .. });
        self.rest(Phase::Ready, words::ready);
        // Who is typing there wants something else already.
        if std::mem::take(&mut self.from_panel) && !self.parts.panel.is_typed_in() {
            self.end_inspection();
            self.parts.panel.settle();
            self.parts.panel.close();
        }
        if let Some(model) = self.made_with.take() {
            self.compare_model(model);
        }
        self.refresh_library();
        self.weigh();
        if wanted {
            self.begin_or_wait();
        }
    }

    fn stoppable(&mut self, stoppable: bool) {
        self.parts.view.stoppable(stoppable);
        self.parts.panel.stoppable(stoppable);
    }

    /// The model is a large download that nobody has consented to yet.
    pub(super) fn asking(&mut self, card: &Card, model_stays: bool) {
        let wish = self.wish.clone();
        self.back_to_before(model_stays, words::model_large);
        self.end_inspection();
        let shown = self.parts.panel.ask(wish, card);
        self.refresh_library();
        self.tell_if_wrong(shown);
    }

    pub(super) fn stopped(&mut self, model_stays: bool) {
        self.back_to_before(model_stays, words::download_stopped);
        self.parts.panel.kept().say(words::download_stopped);
        self.refresh_library();
    }

    pub(super) fn not_opened(&mut self, fault: &Fault, offer_cpu: bool, model_stays: bool) {
        let Phase::Opening { wanted, .. } = self.phase else {
            return self.complain(fault, offer_cpu);
        };
        // A GPU's memory is given back only when its worker ends.
        if fault.is_of_gpu() {
            self.close_engine();
        }
        if fault.code == "no-gpu" && self.ran_on.take() == Some(DeviceChoice::Cpu) {
            // It was only tried: back to where the model ran.
            self.tell(fault, &[]);
            self.device = DeviceChoice::Cpu;
            return self.open(wanted);
        }
        let refused = self.wish.clone();
        let in_panel = self.parts.panel.is_open();
        let is_no_address = fault.code == "invalid-request" && fault.detail("field") == "model";
        let instead = is_no_address && self.loaded.is_none() && !in_panel;
        self.back_to_before(model_stays && !fault.is_of_gpu(), words::not_loaded);
        if instead {
            // It stands in the page's own address, where there is no field to mend it in.
            let fault = fault.clone();
            self.note(move || {
                words::own_instead(
                    words::said(&fault.argument("value")),
                    words::said(&fault.argument("reason")),
                )
            });
            self.wish = self.own.clone();
            return self.open(wanted);
        }
        if in_panel {
            let fault = fault.clone();
            self.parts.panel.complain(move || words::about_model(&fault));
        }
        if offer_cpu {
            // The button beside the message is about the model that was refused.
            self.refused = Some(refused);
        }
        if !in_panel || offer_cpu {
            self.tell(fault, Offer::cpu(offer_cpu));
        }
    }

    /// The wanted model is not to be had now: the one before it goes on, if it is still there.
    fn back_to_before(&mut self, model_stays: bool, status: impl Into<Line>) {
        let wanted = matches!(self.phase, Phase::Opening { wanted: true, .. });
        self.from_panel = false;
        match &self.loaded {
            Some(loaded) if model_stays => {
                self.wish = loaded.wish.clone();
                self.consent = true;
                self.rest(Phase::Ready, status);
            }
            _ => {
                self.loaded = None;
                self.rest(Phase::Failed { wanted }, status);
            }
        }
    }
}
