//! Controller actions of a run.

use std::rc::Rc;

use super::super::controller::{Controller, Pending};
use super::super::history::{Entry, Provenance, UsedAdapters};
use super::super::model_panel::state::LoadedModel;
use super::super::notifications::Action;
use super::super::stale_errors::has_marked_field;
use super::super::view::ProgressBar;
use super::GeneratedImage;
use super::job::Job;
use super::jobs::{Cancelling, Finished, JobSource, StepProgress};
use crate::app::dom::now;
use crate::app::protocol::{
    Command, ErrorReport, GenerateRequest, InitImagePixels, Pixels, Scores,
};
use crate::app::words;
use crate::error::Error;

/// User actions.
impl Controller {
    /// Generates from the form, now or when the model is loaded: `count` images, or as many as the
    /// form says.
    pub fn generate(&mut self, count: Option<u32>) {
        self.generate_from(JobSource::Form { count });
    }

    /// Generates from the form, with its matrix if `source` says so.
    pub(in crate::app::page) fn generate_from(&mut self, source: JobSource) {
        if !self.jobs.is_running() {
            if self.is_cancellable() {
                return;
            }
            match self.is_replacement_used {
                true => self.parts.notes.clear(),
                false => self.parts.notes.clear_except(Action::RestoreSettings),
            }
        }
        self.is_replacement_used = true;
        let Some(source) = self.after_pasted(source) else { return };
        if self.jobs.is_running() {
            return self.enqueue_form(&source);
        }
        self.parts.form.clear_errors();
        self.start_or_wait(source);
        if let Some(run) = self.jobs.run() {
            self.note_unknown_words(&run.job.request.params.prompt);
        }
    }

    /// Queues the form's images behind the current run.
    fn enqueue_form(&mut self, source: &JobSource) {
        self.parts.form.clear_errors();
        if let Some(run) = self.jobs.run() {
            // Unless it is to be kept, the queued job gets another seed than the run.
            self.parts.form.mark_seed_used(run.job.first_seed());
        }
        match self.job_of_form(source) {
            Ok(Some(job)) => {
                self.parts.form.mark_seed_used(job.request.params.seed);
                self.show_outlook();
                self.enqueue(job);
            }
            Ok(None) if self.parts.adapters.shelf().awaits() => {
                self.note(words::adapter_still_opening);
            }
            Ok(None) => self.note(words::picture_waits_for_image),
            Err(error) => self.show_error(&ErrorReport::from(&error), false),
        }
    }

    /// Queues a job behind the current run.
    pub(in crate::app::page) fn enqueue(&mut self, job: Job) {
        self.queue.add(job);
        self.parts.queue.show(&self.queue);
    }

    /// Removes a waiting job.
    pub fn remove_queued(&mut self, number: u32) {
        if self.queue.remove(number) {
            self.parts.queue.show(&self.queue);
            self.parts.view.focus_run();
        }
    }

    /// Starts the first waiting job, if the model is free and no interrupted job waits for the
    /// user.
    pub(in crate::app::page) fn start_queued(&mut self) {
        let is_free = self.model.is_ready()
            && !self.model.is_opening()
            && !self.jobs.is_running()
            && !self.jobs.is_unfinished();
        if is_free && let Some(job) = self.queue.take_next() {
            self.parts.queue.show(&self.queue);
            self.begin(job);
        }
    }

    pub(in crate::app::page) fn start_or_wait(&mut self, mut source: JobSource) {
        // Validate also if the job has to wait, so that the user sees errors early.
        let job = match &mut source {
            JobSource::Job(job) => {
                self.refit(&mut job.request).map(|is_there| is_there.then(|| Job::clone(job)))
            }
            source => self.job_of_form(source),
        };
        let job = match job {
            Ok(job) => job,
            Err(_) if source == JobSource::Matrix && !self.check_matrix() => {
                return self.show_rejection();
            }
            Err(error) => return self.reject(&error),
        };
        if self.jobs.is_running() {
            return;
        }
        match job {
            Some(job) if self.model.is_ready() => self.begin(job),
            _ => self.wait(source),
        }
    }

    /// Queues a job until its model or init image is loaded.
    fn wait(&mut self, source: JobSource) {
        self.jobs.wait(source);
        let reason = match (self.model.is_opening(), self.model.is_ready()) {
            (true, _) => words::picture_waits,
            (false, true) if self.parts.adapters.shelf().awaits() => {
                words::picture_waits_for_adapter
            }
            (false, true) => words::picture_waits_for_image,
            (false, false) => return self.open(),
        };
        self.show_state();
        self.parts.view.announce_status(reason, ProgressBar::Indeterminate);
    }

    /// Returns the job of the form; `None` while its init image is loading.
    fn job_of_form(&mut self, source: &JobSource) -> Result<Option<Job>, Error> {
        let form = &mut self.parts.form;
        form.prepare_seed();
        let adapters = self.parts.adapters.shelf();
        let params = form.settings()?;
        let request = match form.awaits_image() || adapters.awaits() {
            true => None,
            false => Some(GenerateRequest { adapters: adapters.uses(), ..form.read()? }),
        };
        let matrix = match source {
            JobSource::Matrix => self.matrix_of(&params)?,
            _ => None,
        };
        let (matrix, pictures) = match (matrix, source) {
            (Some((matrix, pictures)), _) => (Some(matrix), pictures),
            (None, source) => {
                let count = match source {
                    JobSource::Form { count: Some(count) } => *count,
                    _ => self.parts.form.pictures()?,
                };
                (None, self.parts.prompts.expansion().pictures(&params, count)?)
            }
        };
        Ok(request.map(|request| Job::of(request, pictures).of_matrix(matrix)))
    }

    /// Fits the init image of a request to its size, if that has changed. Returns whether the image
    /// is ready.
    fn refit(&self, request: &mut GenerateRequest) -> Result<bool, Error> {
        let size = request.params.size().map(|side| side as u32).into();
        let fitted = request
            .init_image
            .as_ref()
            .map(|init_image| (init_image.image.width, init_image.image.height));
        let image = self.parts.form.init_image();
        // A part of the image is generated at the size of the request, and the image keeps its own.
        if request.params.padding_mask_crop.is_some() {
            return Ok(true);
        }
        if fitted.is_some_and(|fitted| fitted != size) {
            if image.awaits(size) {
                return Ok(false);
            }
            request.init_image = image.read(size)?;
        }
        Ok(true)
    }

    /// Has the worker compare the shown image with its init image, when the user looks at the
    /// comparison for the first time.
    pub fn compare(&mut self) {
        let Some(generated) = self.shown.as_ref().filter(|_| self.parts.output.compares()) else {
            return;
        };
        let Entry { key, request, scores: None, .. } = &generated.entry else { return };
        let Some(init_image) = request.init_image.as_deref().filter(|it| it.mask.is_some()) else {
            return;
        };
        let InitImagePixels { image, mask } = init_image;
        let init_image = InitImagePixels { image: image.clone(), mask: mask.clone() };
        let (key, picture) = (key.clone(), generated.pixels());
        self.request(Pending::Comparison(key), Command::Compare { picture, init_image }, &[]);
    }

    /// Shows the scores of the image `key`, if it is still the shown one.
    pub(in crate::app::page) fn compared(&mut self, key: &str, scores: Option<Scores>) {
        if let Some(generated) = self.shown.as_mut().filter(|shown| shown.entry.key == key) {
            generated.entry.scores = scores;
            let shown = self.parts.output.scores(scores.as_ref());
            self.report(shown);
        }
    }

    fn reject(&mut self, error: &Error) {
        self.show_error(&ErrorReport::from(error), false);
        self.show_rejection();
    }

    /// Says in the status line that no picture is made.
    fn show_rejection(&mut self) {
        if !self.is_idle() {
            return;
        }
        self.is_rejected = has_marked_field();
        let status = if self.is_rejected { words::correct_field } else { words::no_picture };
        self.parts.view.announce_status(status, ProgressBar::Idle);
    }

    /// Cancels the run or the waiting job. Returns whether there was one.
    pub fn cancel(&mut self) -> bool {
        match self.jobs.cancel(now(), self.is_loading()) {
            Cancelling::Nothing => return false,
            Cancelling::End(id) => {
                self.parts.view.announce_status(words::stopping, ProgressBar::Indeterminate);
                self.cancel_request(id);
            }
            Cancelling::Ending => {}
            Cancelling::Terminate => {
                self.close_worker();
                self.restore_output();
                self.parts.output.finish_grid();
                self.parts.view.title(None);
                self.open();
            }
            Cancelling::Dropped if self.model.is_ready() => {
                self.set_idle(words::stopped);
                self.start_queued();
            }
            Cancelling::Dropped => {
                self.show_state();
                self.parts.view.announce_status(words::still_loading, ProgressBar::Indeterminate);
            }
        }
        true
    }

    fn begin(&mut self, job: Job) {
        let status = job.batch.status(words::preparing);
        if job.matrix.is_none() {
            self.parts.output.drop_grid();
        }
        let command = Command::Generate { request: job.request.clone() };
        let id = self.request(Pending::Run, command, &[]);
        self.jobs.begin(id, job);
        self.is_replacement_closed = true;
        self.show_state();
        if !self.looks_back {
            self.parts.output.begin();
        }
        self.parts.view.announce_status(status, ProgressBar::Indeterminate);
    }
}

/// Worker events.
impl Controller {
    pub(in crate::app::page) fn step(&mut self, done: u32, total: u32, preview: Option<Pixels>) {
        let Some(progress) = self.jobs.step(now(), done, total) else { return };
        let StepProgress { seconds_left, is_last, done: (all_done, all) } = progress;
        let part = ProgressBar::Fraction(f64::from(all_done) / f64::from(all.max(1)));
        let status = move || match seconds_left {
            // The last step of an image that is not the last of the batch.
            Some(left) if done == total && !is_last => words::last_step(done, left),
            left => words::step(done, total, left),
        };
        self.progress(status, part);
        self.parts.view.title(Some((all_done, all)));
        if let Some(pixels) = preview.filter(|_| !self.looks_back) {
            let shown = self.parts.output.preview(&pixels);
            self.report(shown);
        }
    }

    pub(in crate::app::page) fn decoding(&mut self, done: u32, total: u32) {
        let Some(run) = self.jobs.run() else { return };
        let batch = run.job.batch;
        let part = ProgressBar::Fraction(f64::from(batch.done() + 1) / f64::from(batch.count()));
        self.progress(move || words::decoding_part(done, total), part);
    }

    pub(in crate::app::page) fn done(
        &mut self,
        picture: &Pixels,
        png: &[u8],
        seconds: f64,
        used: UsedAdapters,
    ) {
        let Some(Finished { job, next }) = self.jobs.finish(seconds) else { return };
        let Job { request, batch, matrix, .. } = job;
        if batch.done() == 0 {
            self.parts.form.mark_seed_used(request.params.seed);
            self.show_outlook();
        }
        self.record_speed(&request.params, seconds);
        self.keep_knowledge();
        let made_by = Provenance { used: Some(used), ..self.provenance(&request) };
        let generated = match GeneratedImage::new(request, picture, png, seconds, made_by) {
            Ok(generated) => generated,
            Err(error) => {
                self.restore_output();
                self.set_idle(words::no_picture);
                return self.report(Err(error));
            }
        };
        if let Some(matrix) = &matrix {
            let drawn = self.parts.output.draw_in_grid(matrix, batch.done() as usize, &generated);
            self.report(drawn);
        }
        // An earlier image that the user looks at stays until the last run ends.
        let is_shown = !self.looks_back || (next.is_none() && self.queue.is_empty());
        if batch.done() == 0 {
            self.parts.output.batch().clear();
        }
        if batch.count() > 1 {
            self.parts.output.batch().add(&generated);
        }
        let shown = match is_shown {
            true => self.parts.output.show(&generated),
            false => Ok(()),
        };
        let file = Rc::clone(&generated.file);
        self.parts.history.add(generated.entry.clone(), file, is_shown);
        if is_shown {
            self.shown = Some(generated);
            self.set_looking_back(false);
            self.parts.output.batch().set_open(next.is_none() && matrix.is_none());
            if next.is_none() {
                self.parts.output.finish_grid();
            }
        }
        match next {
            Some(job) => self.begin(job),
            None if batch.done() + 1 < batch.count() => {
                let (done, count) = (batch.done() + 1, batch.count());
                self.set_idle(move || words::batch_stopped(done, count));
            }
            None => {
                let (count, seconds) = (batch.count(), batch.seconds(seconds));
                self.set_idle(move || match count {
                    1 => words::done_in(words::duration(seconds)),
                    count => words::batch_done(count, words::duration(seconds)),
                });
            }
        }
        self.report(shown);
        self.start_queued();
    }

    /// Handles the end of a cancelled run; finished images of its batch stay.
    pub(in crate::app::page) fn cancelled(&mut self) {
        let Some(Job { batch, .. }) = self.jobs.end() else { return };
        let (done, count) = (batch.done(), batch.count());
        self.restore_output();
        self.parts.output.finish_grid();
        self.set_idle(move || match done {
            0 => words::stopped(),
            done => words::batch_stopped(done, count),
        });
        self.start_queued();
    }

    /// Returns the present model, scheduler and device.
    fn provenance(&self, request: &GenerateRequest) -> Provenance {
        let Some(LoadedModel { sheet, device_name, .. }) = self.model.loaded() else {
            return Provenance::default();
        };
        let name = request.params.scheduler.or(sheet.defaults.scheduler);
        let name = name.map_or(String::new(), |name| name.to_string());
        let label = sheet.schedulers.iter().find(|(scheduler, _)| *scheduler == name);
        Provenance {
            model: sheet.identity.clone(),
            scheduler: label.map_or(&name, |(_, label)| label).clone(),
            device: device_name.clone(),
            used: None,
        }
    }

    /// Shows the previous image again after a run without a result.
    pub(in crate::app::page) fn restore_output(&mut self) {
        self.set_looking_back(false);
        match &self.shown {
            Some(generated) => self.report(self.parts.output.show(generated)),
            None => self.parts.output.clear(),
        }
    }
}
