//! The page's connection to the worker.

use std::{cell::RefCell, rc::Rc};

use gloo::events::EventListener;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::worker_lifetime;
use crate::app::dom::thrown;
use crate::app::message::{PickedFile, attach, attach_picture, attach_vae, from_js, to_js};
use crate::app::protocol::{Command, ErrorReport, Request, WorkerMessage};
use crate::error::{Error, Message, Result};

/// A message from the worker, or its exit.
pub enum WorkerEvent {
    /// The worker sent a message.
    Message(WorkerMessage),
    /// The worker failed to start, or crashed. The next [`Client::send`] starts a new one.
    Exited {
        /// Whether the worker had started.
        had_started: bool,
        /// The cause, as far as it is known.
        error: ErrorReport,
    },
}

type Listener = Rc<dyn Fn(WorkerEvent)>;

/// Connection that starts the worker for the first request, and again after a crash.
pub struct Client {
    program: String,
    listener: Listener,
    connection: Option<Connection>,
    last_id: u32,
}

impl Client {
    /// Creates a client. `program` is the address of the worker's script; `listener` is called from
    /// the browser's event loop, never from inside a call of this type.
    pub fn new(program: String, listener: impl Fn(WorkerEvent) + 'static) -> Self {
        Client { program, listener: Rc::new(listener), connection: None, last_id: 0 }
    }

    /// Sends a command with its files, and returns the number of the request. The message is queued
    /// until the worker has started. If sending fails, the listener gets [`WorkerEvent::Exited`].
    pub fn send(&mut self, command: Command, files: &[PickedFile]) -> u32 {
        self.send_with(command, |message| attach(message, files))
    }

    /// Sends a command with the files of a model and of the autoencoder in place of its own, as [`Client::send`].
    pub fn send_model(
        &mut self,
        command: Command,
        files: &[PickedFile],
        vae_files: &[PickedFile],
    ) -> u32 {
        self.send_with(command, |message| {
            attach(message, files);
            attach_vae(message, vae_files);
        })
    }

    /// Sends a command with a picture, as [`Client::send`].
    pub fn send_picture(&mut self, command: Command, picture: &JsValue) -> u32 {
        self.send_with(command, |message| attach_picture(message, picture))
    }

    fn send_with(&mut self, command: Command, attach: impl FnOnce(&JsValue)) -> u32 {
        self.last_id += 1;
        let id = self.last_id;
        if let Err(error) = self.post(&Request { id, command }, attach) {
            self.close();
            let listener = Rc::clone(&self.listener);
            let error = (&error).into();
            spawn_local(async move { listener(WorkerEvent::Exited { had_started: false, error }) });
        }
        id
    }

    fn post(&mut self, request: &Request, attach: impl FnOnce(&JsValue)) -> Result<()> {
        let message = to_js(request)?;
        attach(&message);
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => Connection::open(&self.program, &self.listener)?,
        };
        self.connection.insert(connection).post(message)
    }

    /// Terminates the worker.
    pub fn close(&mut self) {
        self.connection = None;
    }
}

/// A running worker. Dropping it terminates the worker; its listeners are then removed.
struct Connection {
    worker: Worker,
    state: Rc<RefCell<State>>,
    _listeners: [EventListener; 3],
}

#[derive(Default)]
struct State {
    started: bool,
    /// Messages to post once the worker has started.
    waiting: Vec<JsValue>,
    /// Whether the page has terminated the worker.
    closed: bool,
}

impl Connection {
    fn open(program: &str, listener: &Listener) -> Result<Self> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        options.set_name("engine");
        let worker = Worker::new_with_options(program, &options)
            .map_err(|error| thrown("the engine cannot be started", &error))?;
        let state = Rc::new(RefCell::new(State::default()));

        let listen =
            |name, read: fn(&web_sys::Event, &Worker, &RefCell<State>) -> Result<WorkerEvent>| {
                let (worker, state) = (worker.clone(), Rc::clone(&state));
                let listener = Rc::clone(listener);
                EventListener::new(&worker.clone(), name, move |event| {
                    let event = read(event, &worker, &state)
                        .unwrap_or_else(|error| exited(&state, (&error).into()));
                    if let WorkerEvent::Message(WorkerMessage::Started { lifetime_lock }) = &event {
                        watch(lifetime_lock, &state, &listener);
                    }
                    listener(event);
                })
            };
        let listeners = [
            listen("message", read_message),
            listen("error", |event, _, state| {
                let reason =
                    event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message).unwrap_or_default();
                Ok(exited(state, (&Error::Internal { reason: Message::verbatim(reason) }).into()))
            }),
            listen("messageerror", |_, _, _| {
                let reason = Message::verbatim("a message of the engine was lost");
                Err(Error::Internal { reason })
            }),
        ];
        Ok(Connection { worker, state, _listeners: listeners })
    }

    fn post(&self, message: JsValue) -> Result<()> {
        let mut state = self.state.borrow_mut();
        if !state.started {
            state.waiting.push(message);
            return Ok(());
        }
        post(&self.worker, &message)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.state.borrow_mut().closed = true;
        self.worker.terminate();
    }
}

fn read_message(
    event: &web_sys::Event,
    worker: &Worker,
    state: &RefCell<State>,
) -> Result<WorkerEvent> {
    let message = from_js(event.unchecked_ref::<MessageEvent>().data())?;
    if let WorkerMessage::Crashed { error } = message {
        return Ok(exited(state, error));
    }
    if let WorkerMessage::Started { .. } = message {
        let mut state = state.borrow_mut();
        state.started = true;
        for message in state.waiting.drain(..) {
            post(worker, &message)?;
        }
    }
    Ok(WorkerEvent::Message(message))
}

/// Notifies the listener if the browser ends the worker without an event, as it does when memory is
/// short.
fn watch(lifetime_lock: &str, state: &Rc<RefCell<State>>, listener: &Listener) {
    let (state, listener) = (Rc::clone(state), Rc::clone(listener));
    worker_lifetime::on_exit(lifetime_lock, move || {
        if !state.borrow().closed {
            let nothing_known = Error::Internal { reason: Message::verbatim("") };
            listener(exited(&state, (&nothing_known).into()));
        }
    });
}

fn exited(state: &RefCell<State>, error: ErrorReport) -> WorkerEvent {
    WorkerEvent::Exited { had_started: state.borrow().started, error }
}

fn post(worker: &Worker, message: &JsValue) -> Result<()> {
    worker.post_message(message).map_err(|error| thrown("the engine cannot be reached", &error))
}
