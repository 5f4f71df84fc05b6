//! A request of the page while it is being answered.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::future::{AbortHandle, abortable};

use super::port::Port;
use crate::app::protocol::{Event, Remark, Response, Stage, WorkerMessage};

/// A request of the page: where its progress goes, and whether the page still wants it.
#[derive(Clone)]
pub struct Call {
    id: u32,
    port: Port,
    state: Rc<State>,
}

#[derive(Default)]
struct State {
    cancelled: Cell<bool>,
    /// Ends the part of the work that can be dropped at any moment.
    abort: RefCell<Option<AbortHandle>>,
}

impl Call {
    /// The request `id`, answered through `port`.
    pub fn new(id: u32, port: Port) -> Self {
        Call { id, port, state: Rc::default() }
    }

    /// The page's number for it.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Reports progress.
    pub fn event(&self, event: Event) {
        self.port.post(&WorkerMessage::Event { id: self.id, event });
    }

    /// Reports what is under way.
    pub fn preparing(&self, stage: Stage) {
        self.event(Event::Preparing { stage });
    }

    /// Reports something that ends nothing.
    pub fn note(&self, remark: Remark) {
        self.event(Event::Note { remark });
    }

    /// Answers the request; nothing may be posted after that.
    pub fn respond(&self, response: Response) {
        self.port.post(&WorkerMessage::Response { id: self.id, response });
    }

    /// Records that the page no longer wants it, and ends what `until_cancelled` runs.
    pub fn cancel(&self) {
        self.state.cancelled.set(true);
        if let Some(work) = self.state.abort.take() {
            work.abort();
        }
    }

    /// Whether the page no longer wants it.
    pub fn is_cancelled(&self) -> bool {
        self.state.cancelled.get()
    }

    /// Runs `work`, or drops it when the page cancels the request, and returns `None`.
    pub async fn until_cancelled<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        if self.is_cancelled() {
            return None;
        }
        let (work, handle) = abortable(work);
        self.state.abort.replace(Some(handle));
        let done = work.await;
        self.state.abort.replace(None);
        done.ok()
    }
}
