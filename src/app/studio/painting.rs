//! Pictures: a run begins, goes on, and ends in a picture or without one.

use super::{Loaded, Phase, Run, Studio};
use crate::app::artwork::{Artwork, Maker};
use crate::app::dom::now;
use crate::app::notes::{Offer, Weight};
use crate::app::protocol::{Command, Fault, GenerateRequest, Pixels};
use crate::app::time::Pace;
use crate::app::view::Bar;
use crate::app::words::{self, Line};

/// After this many milliseconds a second Cancel no longer waits for the engine.
const PATIENCE: f64 = 2_000.0;

/// The user's side.
impl Studio {
    /// Makes a picture from the form, now or as soon as the model is there.
    pub fn generate(&mut self) {
        if self.is_cancellable() {
            return;
        }
        self.parts.notes.clear();
        self.parts.form.clear_complaints();
        self.begin_or_wait();
    }

    pub(super) fn begin_or_wait(&mut self) {
        self.parts.form.ready_seed();
        // Also when the picture has to wait: a value that cannot be used is better known now.
        let request = match self.parts.form.read() {
            Ok(request) => request,
            Err(error) => return self.complain(&Fault::from(&error), false),
        };
        match self.phase {
            Phase::Ready => self.begin(request),
            Phase::Opening { .. } => {
                self.phase = Phase::Opening { wanted: true };
                self.show_state();
                self.parts.view.milestone(words::picture_waits, Bar::Moving);
            }
            Phase::Failed { .. } => self.open(true),
            Phase::Busy(_) => {}
        }
    }

    /// Stops the run, or forgets that one was wanted. True if there was something to stop.
    pub fn cancel(&mut self) -> bool {
        if !self.is_cancellable() {
            return false;
        }
        match &mut self.phase {
            Phase::Busy(run) => match run.cancelled_at {
                None => {
                    run.cancelled_at = Some(now());
                    let id = run.id;
                    self.parts.view.milestone(words::stopping, Bar::Moving);
                    self.send(&Command::Cancel { id });
                }
                Some(at) if now() - at > PATIENCE => {
                    self.close_engine();
                    self.put_back();
                    self.parts.view.title(None);
                    self.open(false);
                }
                Some(_) => {}
            },
            _ => {
                self.phase = Phase::Opening { wanted: false };
                self.show_state();
                self.parts.view.milestone(words::still_loading, Bar::Moving);
            }
        }
        true
    }

    /// Brings back an earlier picture and its settings.
    pub fn bring_back(&mut self, id: u32) {
        if matches!(self.phase, Phase::Busy(_)) {
            return;
        }
        let Some(artwork) = self.parts.history.find(id) else { return };
        let shown = self.parts.picture.show(artwork);
        self.parts.form.restore(&artwork.request);
        self.parts.history.mark(id);
        self.tell_if_wrong(shown);
        self.weigh();
    }

    fn begin(&mut self, request: GenerateRequest) {
        self.last_id += 1;
        let id = self.last_id;
        self.phase = Phase::Busy(Box::new(Run {
            id,
            request: request.clone(),
            pace: Pace::default(),
            cancelled_at: None,
            done: None,
        }));
        self.show_state();
        self.parts.picture.begin();
        self.parts.view.milestone(words::preparing, Bar::Moving);
        self.send(&Command::Generate { id, request });
    }
}

/// The engine's side.
impl Studio {
    pub(super) fn step(&mut self, done: u32, total: u32, preview: Option<Pixels>) {
        let Phase::Busy(run) = &mut self.phase else { return };
        run.pace.step_done(now());
        run.done = Some((done, total));
        let left = run.pace.seconds_left(total.saturating_sub(done));
        let part = Bar::Part(f64::from(done) / f64::from(total.max(1)));
        self.progress(move || words::step(done, total, left), part);
        self.parts.view.title(Some((done, total)));
        if let Some(pixels) = preview {
            let shown = self.parts.picture.preview(&pixels);
            self.tell_if_wrong(shown);
        }
    }

    pub(super) fn done(&mut self, picture: &Pixels, png: &[u8], seconds: f64) {
        let phase = std::mem::replace(&mut self.phase, Phase::Ready);
        let Phase::Busy(run) = phase else { return };
        self.rest(Phase::Ready, move || words::done_in(words::took(seconds)));
        self.parts.form.seed_spent(&run.request.seed);
        let made_by = self.maker(&run.request);
        match Artwork::new(run.id, run.request, picture, png, seconds, made_by) {
            Ok(artwork) => {
                let shown = self.parts.picture.show(&artwork);
                self.parts.history.add(artwork);
                self.tell_if_wrong(shown);
            }
            Err(error) => {
                self.put_back();
                self.tell_if_wrong(Err(error));
            }
        }
    }

    /// Run `id` gave no picture.
    pub(super) fn run_failed(&mut self, id: u32, fault: &Fault, offer_cpu: bool) {
        // What was wrong with a run that is no longer awaited concerns nobody.
        if !self.is_current(id) {
            return;
        }
        self.put_back();
        // After a failure of the GPU the model on it is not to be trusted.
        if fault.is_of_gpu() {
            self.close_engine();
            self.rest(Phase::Failed { wanted: true }, words::no_picture);
        } else {
            self.rest(Phase::Ready, words::no_picture);
        }
        match (fault.code.as_str(), fault.smaller()) {
            ("cancelled", _) => {}
            // What was lost comes back by itself; the picture is begun again when the user says so.
            ("gpu-lost", _) => self.come_back(fault, Offer::GoOn),
            ("out-of-memory", Some((width, height))) => {
                self.come_back(fault, Offer::Smaller(width, height));
            }
            _ => self.complain(fault, offer_cpu),
        }
    }

    fn come_back(&mut self, fault: &Fault, offer: Offer) {
        let wrong = fault.clone();
        self.parts.notes.say_and_offer(
            Line::from(move || words::fault(&wrong)),
            Weight::Wrong,
            offer,
        );
        if let Offer::Smaller(width, height) = offer {
            self.smaller = Some((width, height));
        }
        self.open(false);
    }

    /// Makes the picture for which memory was short with fewer pixels.
    pub fn generate_smaller(&mut self) {
        if let Some(size) = self.smaller.take() {
            self.parts.form.choose_size(size);
        }
        self.generate();
    }

    /// What makes the pictures at the moment.
    fn maker(&self, request: &GenerateRequest) -> Maker {
        let Some(Loaded { sheet, device, .. }) = &self.loaded else { return Maker::default() };
        let name = if request.scheduler.is_empty() { &sheet.scheduler } else { &request.scheduler };
        let label = sheet.schedulers.iter().find(|(scheduler, _)| scheduler == name);
        Maker {
            model: sheet.name.clone(),
            scheduler: label.map_or(name, |(_, label)| label).clone(),
            device: device.clone(),
        }
    }

    /// The run gave nothing, so the frame shows what it showed before.
    pub(super) fn put_back(&self) {
        match self.parts.history.current() {
            Some(artwork) => self.tell_if_wrong(self.parts.picture.show(artwork)),
            None => self.parts.picture.clear(),
        }
    }
}
