//! Messages of the worker, and its end.

use crate::app::page::client::WorkerEvent;
use crate::app::page::controller::{Controller, Pending};
use crate::app::page::notes::{Offer, Weight};
use crate::app::page::view::Bar;
use crate::app::protocol::{DeviceChoice, Event, Fault, Response, WorkerMessage};
use crate::app::words::{self, Line};

impl Controller {
    /// Handles what the worker sends.
    pub fn on_worker(&mut self, event: WorkerEvent) {
        match event {
            WorkerEvent::Message(WorkerMessage::Event { id, event }) => {
                // An answer that is no longer awaited has no progress either.
                if let Some(pending) = self.pending.get(&id) {
                    let is_run = matches!(pending, Pending::Run);
                    self.on_event(is_run, event);
                }
            }
            WorkerEvent::Message(WorkerMessage::Response { id, response }) => {
                if let Some(pending) = self.pending.remove(&id) {
                    self.on_response(pending, response);
                }
            }
            WorkerEvent::Message(WorkerMessage::Trouble { fault }) => self.tell(&fault, &[]),
            // The client makes `Exited` of a crash.
            WorkerEvent::Message(WorkerMessage::Started { .. } | WorkerMessage::Crashed { .. }) => {
            }
            WorkerEvent::Exited { had_started, fault } => self.gone(had_started, &fault),
        }
    }

    fn on_event(&mut self, is_run: bool, event: Event) {
        match event {
            Event::Downloading { received, total, origin } => {
                self.downloading(received, total, origin);
            }
            Event::OtherTab => self.elsewhere(),
            Event::Preparing { stage } => self.preparing(stage),
            Event::Checking { place, percent } => self.checking(&place, percent),
            Event::Encoding => self.progress(words::reading_picture, Bar::Moving),
            Event::Step { done, total, preview } if is_run => self.step(done, total, preview),
            Event::Decoding { done, total } if is_run => self.decoding(done, total),
            Event::Step { .. } | Event::Decoding { .. } => {}
            Event::Note { remark } => {
                self.parts.notes.say(move || words::remark(&remark), Weight::Note);
            }
        }
    }

    fn on_response(&mut self, pending: Pending, response: Response) {
        match (pending, response) {
            (_, Response::Opened { model, device, memory }) => self.ready(*model, device, memory),
            (_, Response::ConsentNeeded { card, model_stays }) => self.asking(&card, model_stays),
            (_, Response::Inspected { card }) => self.inspected(&card),
            (_, Response::SizeChecked { width, height, obstacle }) => {
                self.parts.form.weighed((width, height), obstacle.as_ref());
            }
            (Pending::Fit(question), Response::ImageFitted { own_size, image }) => {
                self.parts.form.start().image_fitted(question, own_size, image);
            }
            (Pending::Fit(question), Response::MaskFitted { mask }) => {
                self.parts.form.start().mask_fitted(question, &mask);
            }
            (Pending::Fit(question), Response::Failed { fault, .. }) => {
                self.parts.form.start().not_fitted(question, fault);
            }
            (Pending::Metadata(file), Response::Metadata { recipe }) => {
                self.recipe_found(file, recipe);
            }
            (_, Response::Generated { picture, png, seconds, scores }) => {
                self.done(&picture, &png, seconds, scores);
            }
            (_, Response::Library { library }) => {
                let shown = self.parts.panel.library(&library);
                self.tell_if_wrong(shown);
            }
            (_, Response::Verified { place, damaged }) => {
                self.verified(&place, damaged);
                self.refresh_library();
            }
            (Pending::Opening, Response::Cancelled { model_stays }) => self.stopped(model_stays),
            (Pending::Run, Response::Cancelled { .. }) => self.cancelled(),
            (Pending::Opening, Response::Failed { fault, offer_cpu, model_stays }) => {
                self.not_opened(&fault, offer_cpu, model_stays);
            }
            (Pending::Run, Response::Failed { fault, offer_cpu, .. }) => {
                self.run_failed(&fault, offer_cpu);
            }
            (Pending::Inspection, Response::Failed { fault, .. }) => {
                self.parts.panel.complain(move || words::about_model(&fault));
            }
            (Pending::Library, Response::Failed { fault, .. }) => {
                self.parts.panel.kept().say(move || words::fault(&fault));
                self.refresh_library();
            }
            (_, Response::Failed { fault, .. }) => self.tell(&fault, &[]),
            (
                _,
                Response::Metadata { .. }
                | Response::ImageFitted { .. }
                | Response::MaskFitted { .. }
                | Response::Cancelled { .. },
            ) => {}
        }
    }

    pub(in crate::app::page) fn gone(&mut self, had_started: bool, fault: &Fault) {
        let loading = self.model.is_opening();
        if self.jobs.is_running() {
            self.put_back();
        }
        self.jobs.worker_gone();
        self.model.worker_gone();
        self.end_engine(true);
        let goes_on = self.jobs.interrupted().is_some();
        self.rest(words::engine_not_running);
        let reason = fault.argument("reason");
        let offer_cpu = had_started && self.model.target().device == DeviceChoice::Webgpu;
        let message = Line::from(move || {
            let detail = match reason.is_empty() {
                true => String::new(),
                false => words::in_brackets(words::said(&reason)),
            };
            match (had_started, loading) {
                (true, true) => words::engine_gone_loading(detail),
                (true, false) => words::engine_gone(detail),
                (false, _) => words::engine_no_start(detail),
            }
        });
        if self.parts.panel.is_open() {
            self.parts.panel.complain(message.clone());
        }
        let offer = match (offer_cpu, goes_on) {
            (true, _) => Offer::cpu(true),
            (false, true) => &[Offer::GoOn],
            (false, false) => &[],
        };
        self.parts.notes.say_and_offer(message, Weight::Wrong, offer);
    }
}
