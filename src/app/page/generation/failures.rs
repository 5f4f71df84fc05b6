//! Failed runs and their resumption.

use super::super::controller::Controller;
use super::super::notifications::Action;
use super::super::stale_errors::has_marked_field;
use super::jobs::JobSource;
use crate::app::protocol::ErrorReport;
use crate::app::words::{self, LocalizedText};

/// User actions.
impl Controller {
    /// Resumes the interrupted job.
    pub fn resume(&mut self) {
        let Some(job) = self.jobs.take_interrupted() else { return self.generate(None) };
        self.parts.notes.clear();
        self.parts.form.clear_errors();
        self.start_or_wait(JobSource::Job(Box::new(job)));
    }

    /// Resumes the interrupted job at the smaller size that was proposed.
    pub fn retry_smaller(&mut self) {
        if let Some((job, Some((width, height)))) = self.jobs.interrupted() {
            self.parts.form.choose_size((width, height));
            let params = &mut job.request.params;
            (params.width, params.height) = (width as usize, height as usize);
        }
        self.resume();
    }
}

/// Worker events.
impl Controller {
    /// Handles a failed run.
    pub(in crate::app::page) fn run_failed(&mut self, error: &ErrorReport, offer_cpu: bool) {
        self.restore_output();
        // After a GPU failure the loaded model is unusable, and the job can be resumed. Other
        // failures would recur.
        let is_of_gpu = error.is_of_gpu();
        let matrix = self.jobs.run().and_then(|run| run.job.matrix.clone());
        let batch = self.jobs.fail(is_of_gpu, error.smaller_size());
        if is_of_gpu {
            self.close_worker();
        } else {
            self.parts.output.finish_grid();
        }
        let status = match batch.map(|batch| (batch.done(), batch.count())) {
            None | Some((0, _)) => LocalizedText::from(words::no_picture),
            Some((done, count)) => LocalizedText::from(move || words::batch_stopped(done, count)),
        };
        self.set_idle(status);
        match (error.code.as_str(), error.smaller_size()) {
            ("cancelled", _) => {}
            // The model is reopened at once; the user decides when to resume.
            ("gpu-lost", _) => self.reopen_model(error, &[Action::Resume]),
            ("out-of-memory", Some((width, height))) => {
                self.reopen_model(error, &[Action::UseSize(width, height)]);
            }
            _ if matrix.is_some_and(|matrix| self.show_matrix_error(&matrix, error)) => {}
            _ => {
                self.show_error(error, offer_cpu);
                self.is_rejected = has_marked_field();
            }
        }
        self.start_queued();
    }

    fn reopen_model(&mut self, error: &ErrorReport, actions: &[Action]) {
        self.notify_error(error, actions);
        self.open();
    }
}
