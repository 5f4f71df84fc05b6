//! Pictures: a run begins, goes on, and ends in a picture or without one.

use std::rc::Rc;

use web_sys::File;

use super::jobs::{Cancelling, Finished, Job, Source, StepProgress};
use crate::app::dom::now;
use crate::app::page::controller::{Controller, Pending};
use crate::app::page::generation::Artwork;
use crate::app::page::history::Maker;
use crate::app::page::init_image::Event;
use crate::app::page::model_panel::state::Loaded;
use crate::app::page::view::Bar;
use crate::app::protocol::{Command, Fault, GenerateRequest, Pixels, Scores};
use crate::app::words;
use crate::error::Error;

/// The user's side.
impl Controller {
    /// Makes images from the form, now or as soon as the model is there: `count`, or as many as the form says.
    pub fn generate(&mut self, count: Option<u32>) {
        if self.is_cancellable() {
            return;
        }
        self.parts.notes.clear();
        self.parts.form.clear_complaints();
        self.start_or_wait(Source::Form { count });
    }

    pub(in crate::app::page) fn start_or_wait(&mut self, mut source: Source) {
        // Also when the job has to wait: a value that cannot be used is better known now.
        let job = match &mut source {
            Source::Job(job) => {
                self.fit_anew(&mut job.request).map(|is_there| is_there.then(|| Job::clone(job)))
            }
            Source::Form { count } => self.job_of_form(*count),
        };
        let job = match job {
            Ok(job) => job,
            Err(error) => return self.not_begun(&error),
        };
        if self.jobs.is_running() {
            return;
        }
        match job {
            Some(job) if self.model.is_ready() => self.begin(job),
            _ => self.wait(source),
        }
    }

    /// Lets a job wait for its model, or for its init image.
    fn wait(&mut self, source: Source) {
        self.jobs.wait(source);
        let reason = match (self.model.is_opening(), self.model.is_ready()) {
            (true, _) => words::picture_waits,
            (false, true) => words::picture_waits_for_image,
            (false, false) => return self.open(),
        };
        self.show_state();
        self.parts.view.milestone(reason, Bar::Moving);
    }

    /// What the form asks for; `None` as long as its init image is not there.
    fn job_of_form(&mut self, count: Option<u32>) -> Result<Option<Job>, Error> {
        let form = &mut self.parts.form;
        form.ready_seed();
        let request = match form.awaits_image() {
            true => form.settings().map(|_| None)?,
            false => Some(form.read()?),
        };
        let count = match count {
            Some(count) => count,
            None => form.pictures()?,
        };
        Ok(request.map(|request| Job::new(request, count)))
    }

    /// Has the init image of a request fitted to its size, if that is another one now. Returns whether it
    /// is there.
    fn fit_anew(&self, request: &mut GenerateRequest) -> Result<bool, Error> {
        let size = request.params.size().map(|side| side as u32).into();
        let fitted = request.start.as_ref().map(|start| (start.image.width, start.image.height));
        let image = self.parts.form.start();
        if fitted.is_some_and(|fitted| fitted != size) {
            if image.awaits(size) {
                return Ok(false);
            }
            request.start = image.read(size)?;
        }
        Ok(true)
    }

    /// Does what the part of the form with the init image asks for.
    pub fn on_init_image(&mut self, event: Event) {
        match event {
            Event::Ask { question, command, picture } => {
                let id = self.client.send_picture(command, &picture);
                self.pending.insert(id, Pending::Fit(question));
            }
            Event::Settled { is_well } if self.model.is_ready() => match self.jobs.take_waiting() {
                Some(source) if is_well => {
                    self.show_state();
                    self.start_or_wait(source);
                }
                Some(_) => self.rest(words::no_picture),
                None => {}
            },
            Event::Settled { .. } => {}
        }
    }

    fn not_begun(&mut self, error: &Error) {
        if self.is_at_rest() {
            self.parts.view.milestone(words::no_picture, Bar::Idle);
        }
        self.complain(&Fault::from(error), false);
    }

    /// Stops the run, or forgets that one was wanted. True if there was something to stop.
    pub fn cancel(&mut self) -> bool {
        match self.jobs.cancel(now(), self.is_coming()) {
            Cancelling::Nothing => return false,
            Cancelling::End(id) => {
                self.parts.view.milestone(words::stopping, Bar::Moving);
                self.cancel_request(id);
            }
            Cancelling::Ending => {}
            Cancelling::Terminate => {
                self.close_engine();
                self.put_back();
                self.parts.view.title(None);
                self.open();
            }
            Cancelling::Dropped if self.model.is_ready() => self.rest(words::stopped),
            Cancelling::Dropped => {
                self.show_state();
                self.parts.view.milestone(words::still_loading, Bar::Moving);
            }
        }
        true
    }

    /// Takes a picture as what to start from.
    pub fn start_from(&mut self, pixels: Pixels) {
        let taken = self.parts.form.start().take(pixels);
        self.tell_if_wrong(taken);
    }

    /// Takes the picture in a file as what to start from, as soon as it is read.
    pub fn start_from_file(&mut self, file: File) {
        self.parts.panel.close();
        if self.model.is_ready() && !self.jobs.is_running() {
            self.start_afresh(words::ready);
        }
        self.parts.form.start().open(file);
    }

    fn begin(&mut self, job: Job) {
        let status = job.batch.status(words::preparing);
        let command = Command::Generate { request: job.request.clone() };
        let id = self.request(Pending::Run, command, &[]);
        self.jobs.begin(id, job);
        self.show_state();
        self.parts.picture.begin();
        self.parts.view.milestone(status, Bar::Moving);
    }
}

/// The engine's side.
impl Controller {
    pub(in crate::app::page) fn step(&mut self, done: u32, total: u32, preview: Option<Pixels>) {
        let Some(progress) = self.jobs.step(now(), done, total) else { return };
        let StepProgress { seconds_left, is_last, done: (all_done, all) } = progress;
        let part = Bar::Part(f64::from(all_done) / f64::from(all.max(1)));
        let status = move || match seconds_left {
            // The last step of an image is not the last of all.
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

    pub(in crate::app::page) fn decoding(&mut self, done: u32, total: u32) {
        let Some(run) = self.jobs.run() else { return };
        let batch = run.job.batch;
        let part = Bar::Part(f64::from(batch.done() + 1) / f64::from(batch.count()));
        self.progress(move || words::decoding_part(done, total), part);
    }

    pub(in crate::app::page) fn done(
        &mut self,
        picture: &Pixels,
        png: &[u8],
        seconds: f64,
        scores: Option<Scores>,
    ) {
        let Some(Finished { job, next }) = self.jobs.finish(seconds) else { return };
        let Job { request, batch } = job;
        if batch.done() == 0 {
            self.parts.form.seed_spent(request.params.seed);
        }
        let made_by = self.maker(&request);
        let artwork = match Artwork::new(request, picture, png, seconds, made_by, scores) {
            Ok(artwork) => artwork,
            Err(error) => {
                self.put_back();
                self.rest(words::no_picture);
                return self.tell_if_wrong(Err(error));
            }
        };
        let shown = self.parts.picture.show(&artwork);
        self.parts.earlier.add(artwork.entry.clone(), Rc::clone(&artwork.file));
        self.shown = Some(artwork);
        match next {
            Some(job) => self.begin(job),
            None if batch.done() + 1 < batch.count() => {
                let (done, count) = (batch.done() + 1, batch.count());
                self.rest(move || words::batch_stopped(done, count));
            }
            None => {
                let (count, seconds) = (batch.count(), batch.seconds(seconds));
                self.rest(move || match count {
                    1 => words::done_in(words::took(seconds)),
                    count => words::batch_done(count, words::took(seconds)),
                });
            }
        }
        self.tell_if_wrong(shown);
    }

    /// The run was stopped; what is done of its batch stays.
    pub(in crate::app::page) fn cancelled(&mut self) {
        let Some(Job { batch, .. }) = self.jobs.end() else { return };
        let (done, count) = (batch.done(), batch.count());
        self.put_back();
        self.rest(move || match done {
            0 => words::stopped(),
            done => words::batch_stopped(done, count),
        });
    }

    /// What makes the pictures at the moment.
    fn maker(&self, request: &GenerateRequest) -> Maker {
        let Some(Loaded { sheet, device_name, .. }) = self.model.loaded() else {
            return Maker::default();
        };
        let name = request.params.scheduler.or(sheet.defaults.scheduler);
        let name = name.map_or(String::new(), |name| name.to_string());
        let label = sheet.schedulers.iter().find(|(scheduler, _)| *scheduler == name);
        Maker {
            model: sheet.identity.clone(),
            scheduler: label.map_or(&name, |(_, label)| label).clone(),
            device: device_name.clone(),
        }
    }

    /// The run gave nothing, so the frame shows what it showed before.
    pub(in crate::app::page) fn put_back(&self) {
        match &self.shown {
            Some(artwork) => self.tell_if_wrong(self.parts.picture.show(artwork)),
            None => self.parts.picture.clear(),
        }
    }
}
