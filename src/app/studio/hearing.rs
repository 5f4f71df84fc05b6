//! What the engine reports, and the end of an engine.

use super::{Phase, Studio};
use crate::app::client::Heard;
use crate::app::notes::{Offer, Weight};
use crate::app::protocol::{DeviceChoice, Fault, Remark, Report};
use crate::app::view::Bar;
use crate::app::words::{self, Line};

impl Studio {
    /// Takes in what the engine says.
    pub fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Report(report) => self.report(report),
            Heard::Gone { had_started, fault } => self.gone(had_started, &fault),
        }
    }

    fn report(&mut self, report: Report) {
        match report {
            Report::Listening { .. } => {}
            // A model on its way.
            Report::Downloading { received, total, origin } => {
                self.downloading(received, total, origin);
            }
            Report::Elsewhere => self.elsewhere(),
            Report::Preparing { stage } => self.preparing(stage),
            Report::Ready { model, device, memory } => self.ready(*model, device, memory),
            Report::Asking { card, model_stays } => self.asking(&card, model_stays),
            Report::Stopped { model_stays } => self.stopped(model_stays),
            Report::Failed { id: None, fault, offer_cpu, model_stays } => {
                self.not_opened(&fault, offer_cpu, model_stays);
            }
            // Other models.
            Report::Inspected { id, card } => self.inspected(id, &card),
            Report::NotInspected { id, fault } => {
                self.parts.panel.not_found(id, move || words::about_model(&fault));
            }
            Report::Recipe { id, recipe } => self.recipe_found(id, recipe),
            Report::ImageFitted { id, own_size, image } => {
                self.parts.form.start().image_fitted(id, own_size, image);
            }
            Report::MaskFitted { id, mask } => self.parts.form.start().mask_fitted(id, &mask),
            Report::NotFitted { id, fault } => self.parts.form.start().not_fitted(id, fault),
            Report::Weighed { width, height, obstacle } => {
                self.parts.form.weighed((width, height), obstacle.as_ref());
            }
            Report::Library { library } => {
                let shown = self.parts.panel.library(&library);
                self.tell_if_wrong(shown);
            }
            Report::LibraryFailed { fault } => {
                self.parts.panel.kept().say(move || words::fault(&fault));
            }
            Report::Checking { place, percent } => self.checking(&place, percent),
            Report::Verified { place, damaged } => self.verified(&place, damaged),
            // A run.
            Report::Encoding { id } => {
                if self.is_current(id) {
                    self.progress(words::reading_picture, Bar::Moving);
                }
            }
            Report::Step { id, done, total, preview } => {
                if self.is_current(id) {
                    self.step(done, total, preview);
                }
            }
            Report::Decoding { id, done, total } => {
                if self.is_current(id) {
                    self.decoding(done, total);
                }
            }
            Report::Note { remark, .. } => {
                let weight = match remark {
                    Remark::Trouble { .. } => Weight::Wrong,
                    _ => Weight::Note,
                };
                self.parts.notes.say(move || words::remark(&remark), weight);
            }
            Report::Done { id, picture, png, seconds, scores } => {
                if self.is_current(id) {
                    self.done(&picture, &png, seconds, scores);
                }
            }
            Report::Cancelled { id } => {
                if self.is_current(id) {
                    self.cancelled();
                }
            }
            Report::Failed { id: Some(id), fault, offer_cpu, .. } => {
                self.run_failed(id, &fault, offer_cpu);
            }
            // The client makes `Heard::Gone` of it.
            Report::Died { fault } => self.gone(true, &fault),
        }
    }

    pub(super) fn gone(&mut self, had_started: bool, fault: &Fault) {
        self.end_engine(true);
        let loading = matches!(self.phase, Phase::Opening { .. });
        let wanted = match &self.phase {
            Phase::Busy(run) => run.cancelled_at.is_none(),
            Phase::Opening { wanted } => *wanted,
            Phase::Waiting => true,
            _ => false,
        };
        if matches!(self.phase, Phase::Busy(_)) {
            self.interrupt();
        }
        if !wanted {
            self.interrupted = None;
        }
        let goes_on = self.interrupted.is_some();
        self.rest(Phase::Failed { wanted }, words::engine_not_running);
        let reason = fault.argument("reason");
        let offer_cpu = had_started && self.device == DeviceChoice::Webgpu;
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
