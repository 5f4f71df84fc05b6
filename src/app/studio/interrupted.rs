//! A run that ends without a picture, and one that goes on where something interrupted it.

use super::{Phase, Run, Studio};
use crate::app::notes::Offer;
use crate::app::protocol::Fault;
use crate::app::words::{self, Line};

/// The user's side.
impl Studio {
    /// Makes the picture that was interrupted, and those that were to follow it.
    pub fn go_on(&mut self) {
        if self.is_cancellable() {
            return;
        }
        self.resumed = self.interrupted.take();
        if self.resumed.is_none() {
            return self.generate();
        }
        self.parts.notes.clear();
        self.parts.form.clear_complaints();
        self.begin_or_wait();
    }

    /// The same with fewer pixels, because memory was short.
    pub fn go_on_smaller(&mut self) {
        if self.is_cancellable() {
            return;
        }
        if let Some((width, height)) = self.smaller.take() {
            self.parts.form.choose_size((width, height));
            if let Some((request, _)) = &mut self.interrupted {
                (request.params.width, request.params.height) = (width as usize, height as usize);
                if request.start.is_some() {
                    // It is laid onto the size anew.
                    match self.parts.form.start().read((width, height)) {
                        Ok(start) => request.start = start,
                        Err(error) => return self.tell_if_wrong(Err(error)),
                    }
                }
            }
        }
        self.go_on();
    }
}

/// The engine's side.
impl Studio {
    /// The run gave no picture.
    pub(super) fn run_failed(&mut self, fault: &Fault, offer_cpu: bool) {
        let status = self.interrupt();
        // After a failure of the GPU the model on it is not to be trusted.
        if fault.is_of_gpu() {
            self.close_engine();
            self.rest(Phase::Failed { wanted: true }, status);
        } else {
            // It would fail again.
            self.interrupted = None;
            self.rest(Phase::Ready, status);
        }
        match (fault.code.as_str(), fault.smaller()) {
            ("cancelled", _) => {}
            // What was lost comes back by itself; the picture is begun again when the user says so.
            ("gpu-lost", _) => self.come_back(fault, &[Offer::GoOn]),
            ("out-of-memory", Some((width, height))) => {
                self.smaller = Some((width, height));
                self.come_back(fault, &[Offer::Smaller(width, height)]);
            }
            _ => self.complain(fault, offer_cpu),
        }
    }

    /// The run that is under way is no more, through no wish of the user's: the frame shows what it
    /// showed before. Says what became of it, for the status.
    pub(super) fn interrupt(&mut self) -> Line {
        self.put_back();
        let phase = std::mem::replace(&mut self.phase, Phase::Failed { wanted: true });
        let Phase::Busy(run) = phase else {
            self.phase = phase;
            return Line::from(words::no_picture);
        };
        let Run { request, batch, .. } = *run;
        self.interrupted = Some((request, batch));
        match (batch.done(), batch.count()) {
            (0, _) => Line::from(words::no_picture),
            (done, count) => Line::from(move || words::batch_stopped(done, count)),
        }
    }

    fn come_back(&mut self, fault: &Fault, offers: &[Offer]) {
        self.tell(fault, offers);
        self.open(false);
    }
}
