//! A request of the page in progress.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::future::{AbortHandle, abortable};

use super::port::Port;
use crate::app::protocol::{Event, Note, Response, Stage, WorkerMessage};

/// A request of the page that the worker has not answered yet.
#[derive(Clone)]
pub struct Call {
    id: u32,
    port: Port,
    state: Rc<State>,
}

#[derive(Default)]
struct State {
    cancelled: Cell<bool>,
    /// Aborts the work that [`Call::until_cancelled`] runs.
    abort: RefCell<Option<AbortHandle>>,
}

impl Call {
    /// Creates the call for request `id`, answered through `port`.
    pub fn new(id: u32, port: Port) -> Self {
        Call { id, port, state: Rc::default() }
    }

    /// Returns the request's number.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Reports progress.
    pub fn event(&self, event: Event) {
        self.port.post(&WorkerMessage::Event { id: self.id, event });
    }

    /// Reports the stage that has started.
    pub fn preparing(&self, stage: Stage) {
        self.event(Event::Preparing { stage });
    }

    /// Reports a warning.
    pub fn note(&self, note: Note) {
        self.event(Event::Note { note });
    }

    /// Answers the request; the caller must post nothing after that.
    pub fn respond(&self, response: Response) {
        self.port.post(&WorkerMessage::Response { id: self.id, response });
    }

    /// Marks the request as cancelled, and aborts what `until_cancelled` runs.
    pub fn cancel(&self) {
        self.state.cancelled.set(true);
        if let Some(work) = self.state.abort.take() {
            work.abort();
        }
    }

    /// Returns whether the page has cancelled the request.
    pub fn is_cancelled(&self) -> bool {
        self.state.cancelled.get()
    }

    /// Runs `work`; if the page cancels the request, drops it and returns `None`.
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
