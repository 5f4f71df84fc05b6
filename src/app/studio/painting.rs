//! Pictures: a run begins, goes on, and ends in a picture or without one.

use std::rc::Rc;

use web_sys::File;

use super::batch::Batch;
use super::{Loaded, Pending, Phase, Run, Studio};
use crate::app::artwork::Artwork;
use crate::app::dom::now;
use crate::app::protocol::{Command, Fault, GenerateRequest, Pixels, Scores};
use crate::app::results::Maker;
use crate::app::time::Pace;
use crate::app::view::Bar;
use crate::app::words;
use crate::error::Error;

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
        self.resumed = None;
        self.begin_or_wait();
    }

    /// The same at the form's own button: as many pictures as the form says.
    pub fn generate_as_asked(&mut self) {
        if !self.is_cancellable() {
            self.pictures = None;
        }
        self.generate();
    }

    pub(super) fn begin_or_wait(&mut self) {
        let resumed = self.resumed.take();
        // Also when the picture has to wait: a value that cannot be used is better known now.
        let asked = match &resumed {
            Some(_) => None,
            None => match self.asked() {
                Ok(asked) => Some(asked),
                Err(error) => return self.not_begun(&error),
            },
        };
        match self.phase {
            Phase::Ready => {
                self.pictures = None;
                if let Some((request, batch)) = resumed.or(asked) {
                    self.begin(request, batch);
                }
                return;
            }
            Phase::Opening { id, .. } => {
                self.phase = Phase::Opening { id, wanted: true };
                self.show_state();
                self.parts.view.milestone(words::picture_waits, Bar::Moving);
            }
            Phase::Failed { .. } => self.open(true),
            Phase::Busy(_) => {}
        }
        self.resumed = resumed;
    }

    /// What the form asks for, and how many.
    fn asked(&mut self) -> Result<(GenerateRequest, Batch), Error> {
        self.parts.form.ready_seed();
        let request = self.parts.form.read()?;
        let count = self.pictures.map_or_else(|| self.parts.form.pictures(), Ok)?;
        Ok((request, Batch::of(count)))
    }

    fn not_begun(&mut self, error: &Error) {
        self.pictures = None;
        if self.is_at_rest() {
            self.parts.view.milestone(words::no_picture, Bar::Idle);
        }
        self.complain(&Fault::from(error), false);
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
                    self.cancel_request(id);
                }
                Some(at) if now() - at > PATIENCE => {
                    self.close_engine();
                    self.put_back();
                    self.parts.view.title(None);
                    self.open(false);
                }
                Some(_) => {}
            },
            Phase::Ready | Phase::Failed { .. } => {}
            Phase::Opening { wanted, .. } => {
                *wanted = false;
                self.pictures = None;
                self.resumed = None;
                self.show_state();
                self.parts.view.milestone(words::still_loading, Bar::Moving);
            }
        }
        true
    }

    /// Takes a picture as what to start from.
    pub fn start_from(&mut self, pixels: &Pixels) {
        let taken = self.parts.form.start().take(pixels);
        self.tell_if_wrong(taken);
    }

    /// Takes the picture in a file as what to start from, as soon as it is read.
    pub fn start_from_file(&mut self, file: File) {
        self.parts.panel.close();
        if matches!(self.phase, Phase::Ready) {
            self.start_afresh(words::ready);
        }
        self.parts.form.start().open(file);
    }

    fn begin(&mut self, request: GenerateRequest, batch: Batch) {
        let command = Command::Generate { request: request.clone() };
        let id = self.request(Pending::Run, command, &[]);
        self.interrupted = None;
        self.phase = Phase::Busy(Box::new(Run {
            id,
            request,
            pace: Pace::default(),
            batch,
            cancelled_at: None,
            done: None,
        }));
        self.show_state();
        self.parts.picture.begin();
        self.parts.view.milestone(batch.status(words::preparing), Bar::Moving);
    }
}

/// The engine's side.
impl Studio {
    pub(super) fn step(&mut self, done: u32, total: u32, preview: Option<Pixels>) {
        let Phase::Busy(run) = &mut self.phase else { return };
        run.pace.step_done(now());
        let left = run.batch.seconds_left(&run.pace, done, total);
        let is_last = run.batch.done() + 1 == run.batch.count();
        let (all_done, all) = run.batch.steps(done, total);
        run.done = Some((all_done, all));
        let part = Bar::Part(f64::from(all_done) / f64::from(all.max(1)));
        let status = move || match left {
            // The last step of a picture is not the last of all.
            Some(left) if done == total && !is_last => words::last_step(done, left),
            left => words::step(done, total, left),
        };
        self.progress(status, part);
        self.parts.view.title(Some((all_done, all)));
        if let Some(pixels) = preview {
            let shown = self.parts.picture.preview(&pixels);
            self.tell_if_wrong(shown);
        }
    }

    pub(super) fn decoding(&mut self, done: u32, total: u32) {
        let Phase::Busy(run) = &self.phase else { return };
        let all = f64::from(run.batch.count());
        let part = Bar::Part(f64::from(run.batch.done() + 1) / all);
        self.progress(move || words::decoding_part(done, total), part);
    }

    pub(super) fn done(
        &mut self,
        picture: &Pixels,
        png: &[u8],
        seconds: f64,
        scores: Option<Scores>,
    ) {
        let phase = std::mem::replace(&mut self.phase, Phase::Ready);
        let Phase::Busy(run) = phase else { return };
        let Run { request, batch, cancelled_at, .. } = *run;
        if batch.done() == 0 {
            self.parts.form.seed_spent(request.params.seed);
        }
        let made_by = self.maker(&request);
        let mut next = request.clone();
        next.params.seed = next.params.seed.wrapping_add(1); // After the last comes the first.
        let artwork = match Artwork::new(request, picture, png, seconds, made_by, scores) {
            Ok(artwork) => artwork,
            Err(error) => {
                self.put_back();
                self.rest(Phase::Ready, words::no_picture);
                return self.tell_if_wrong(Err(error));
            }
        };
        let shown = self.parts.picture.show(&artwork);
        self.parts.earlier.add(artwork.entry.clone(), Rc::clone(&artwork.file));
        self.shown = Some(artwork);
        match batch.next(seconds) {
            Some(batch) if cancelled_at.is_none() => self.begin(next, batch),
            Some(_) => {
                let (done, count) = (batch.done() + 1, batch.count());
                self.rest(Phase::Ready, move || words::batch_stopped(done, count));
            }
            None => {
                let (count, seconds) = (batch.count(), batch.seconds(seconds));
                self.rest(Phase::Ready, move || match count {
                    1 => words::done_in(words::took(seconds)),
                    count => words::batch_done(count, words::took(seconds)),
                });
            }
        }
        self.tell_if_wrong(shown);
    }

    /// The run was stopped; what is done of its batch stays.
    pub(super) fn cancelled(&mut self) {
        let Phase::Busy(run) = &self.phase else { return };
        let (done, count) = (run.batch.done(), run.batch.count());
        self.put_back();
        self.rest(Phase::Ready, move || match done {
            0 => words::stopped(),
            done => words::batch_stopped(done, count),
        });
    }

    /// What makes the pictures at the moment.
    fn maker(&self, request: &GenerateRequest) -> Maker {
        let Some(Loaded { sheet, device, .. }) = &self.loaded else { return Maker::default() };
        let name = request.params.scheduler.or(sheet.defaults.scheduler);
        let name = name.map_or(String::new(), |name| name.to_string());
        let label = sheet.schedulers.iter().find(|(scheduler, _)| *scheduler == name);
        Maker {
            model: sheet.identity.clone(),
            scheduler: label.map_or(&name, |(_, label)| label).clone(),
            device: device.clone(),
        }
    }

    /// The run gave nothing, so the frame shows what it showed before.
    pub(super) fn put_back(&self) {
        match &self.shown {
            Some(artwork) => self.tell_if_wrong(self.parts.picture.show(artwork)),
            None => self.parts.picture.clear(),
        }
    }
}
