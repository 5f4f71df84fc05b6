//! Runs that fail, and interrupted jobs that go on.

use super::jobs::Source;
use crate::app::page::controller::Controller;
use crate::app::page::notes::Offer;
use crate::app::protocol::Fault;
use crate::app::words::{self, Line};

/// The user's side.
impl Controller {
    /// Makes the image that was interrupted, and those that were to follow it.
    pub fn go_on(&mut self) {
        let Some(job) = self.jobs.take_interrupted() else { return self.generate(None) };
        self.parts.notes.clear();
        self.parts.form.clear_complaints();
        self.start_or_wait(Source::Job(Box::new(job)));
    }

    /// The same with fewer pixels, because memory was short.
    pub fn go_on_smaller(&mut self) {
        if let Some((job, Some((width, height)))) = self.jobs.interrupted() {
            self.parts.form.choose_size((width, height));
            let params = &mut job.request.params;
            (params.width, params.height) = (width as usize, height as usize);
        }
        self.go_on();
    }
}

/// The worker's side.
impl Controller {
    /// The run gave no image: the frame shows what it showed before.
    pub(in crate::app::page) fn run_failed(&mut self, fault: &Fault, offer_cpu: bool) {
        self.put_back();
        // After a failure of the GPU the model on it is not to be trusted. Any other would come again.
        let is_of_gpu = fault.is_of_gpu();
        let batch = self.jobs.fail(is_of_gpu, fault.smaller_size());
        if is_of_gpu {
            self.close_engine();
        }
        let status = match batch.map(|batch| (batch.done(), batch.count())) {
            None | Some((0, _)) => Line::from(words::no_picture),
            Some((done, count)) => Line::from(move || words::batch_stopped(done, count)),
        };
        self.rest(status);
        match (fault.code.as_str(), fault.smaller_size()) {
            ("cancelled", _) => {}
            // What was lost comes back by itself; the image is begun again when the user says so.
            ("gpu-lost", _) => self.come_back(fault, &[Offer::GoOn]),
            ("out-of-memory", Some((width, height))) => {
                self.come_back(fault, &[Offer::Smaller(width, height)]);
            }
            _ => self.complain(fault, offer_cpu),
        }
    }

    fn come_back(&mut self, fault: &Fault, offers: &[Offer]) {
        self.tell(fault, offers);
        self.open();
    }
}
