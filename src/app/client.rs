//! The page's end of the line to the engine, which runs in a worker so that the page never waits.

use std::{cell::RefCell, rc::Rc};

use gloo::events::EventListener;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::dom::thrown;
use super::life;
use super::message::{PickedFile, attach, attach_picture, from_js, to_js};
use super::protocol::{Command, Fault, Report};
use crate::error::{Error, Message, Result};

/// What comes from the engine.
pub enum Heard {
    /// It said something.
    Report(Report),
    /// It is gone: its program did not start, or died. The next [`Client::send`] starts it anew.
    Gone {
        /// Whether it had ever been heard.
        had_started: bool,
        /// What is known of it.
        fault: Fault,
    },
}

/// Starts the engine when there is something to say to it, and starts it again after a crash.
pub struct Client {
    program: String,
    tell: Rc<dyn Fn(Heard)>,
    engine: Option<Engine>,
}

impl Client {
    /// `program` is the address of the worker's script; `tell` hears everything, always from the
    /// browser's event loop and never from inside a call of this type.
    pub fn new(program: String, tell: impl Fn(Heard) + 'static) -> Self {
        Client { program, tell: Rc::new(tell), engine: None }
    }

    /// Says something to the engine, with files beside it; what is said before it listens waits.
    pub fn send(&mut self, command: &Command, files: &[PickedFile]) -> Result<()> {
        let message = to_js(command)?;
        attach(&message, files);
        self.post(message)
    }

    /// Asks the engine about a picture, which travels beside the command.
    pub fn send_picture(&mut self, command: &Command, picture: &JsValue) -> Result<()> {
        let message = to_js(command)?;
        attach_picture(&message, picture);
        self.post(message)
    }

    fn post(&mut self, message: JsValue) -> Result<()> {
        let engine = match self.engine.take() {
            Some(engine) => engine,
            None => Engine::start(&self.program, &self.tell)?,
        };
        self.engine.insert(engine).post(message)
    }

    /// Ends the engine at once, whatever it is doing.
    pub fn close(&mut self) {
        self.engine = None;
    }
}

/// One running worker; dropped, it is terminated and falls silent.
struct Engine {
    worker: Worker,
    line: Rc<RefCell<Line>>,
    _listeners: [EventListener; 3],
}

/// What has yet to be said.
#[derive(Default)]
struct Line {
    listening: bool,
    waiting: Vec<JsValue>,
    /// The page has ended it.
    closed: bool,
}

impl Engine {
    fn start(program: &str, tell: &Rc<dyn Fn(Heard)>) -> Result<Self> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        options.set_name("engine");
        let worker = Worker::new_with_options(program, &options)
            .map_err(|error| thrown("the engine cannot be started", &error))?;
        let line = Rc::new(RefCell::new(Line::default()));

        let listener =
            |name, heard: fn(&web_sys::Event, &Worker, &RefCell<Line>) -> Result<Heard>| {
                let (worker, line, tell) = (worker.clone(), Rc::clone(&line), Rc::clone(tell));
                EventListener::new(&worker.clone(), name, move |event| {
                    let heard = heard(event, &worker, &line)
                        .unwrap_or_else(|error| gone(&line, (&error).into()));
                    if let Heard::Report(Report::Listening { life }) = &heard {
                        watch(life, &line, &tell);
                    }
                    tell(heard);
                })
            };
        let listeners = [
            listener("message", said),
            listener("error", |event, _, line| {
                let reason =
                    event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message).unwrap_or_default();
                Ok(gone(line, (&Error::Internal { reason: Message::verbatim(reason) }).into()))
            }),
            listener("messageerror", |_, _, _| {
                let reason = Message::verbatim("a message of the engine was lost");
                Err(Error::Internal { reason })
            }),
        ];
        Ok(Engine { worker, line, _listeners: listeners })
    }

    fn post(&self, message: JsValue) -> Result<()> {
        let mut line = self.line.borrow_mut();
        if !line.listening {
            line.waiting.push(message);
            return Ok(());
        }
        post(&self.worker, &message)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.line.borrow_mut().closed = true;
        self.worker.terminate();
    }
}

fn said(event: &web_sys::Event, worker: &Worker, line: &RefCell<Line>) -> Result<Heard> {
    let report = from_js(event.unchecked_ref::<MessageEvent>().data())?;
    if let Report::Died { fault } = report {
        return Ok(gone(line, fault));
    }
    if let Report::Listening { .. } = report {
        let mut line = line.borrow_mut();
        line.listening = true;
        for message in line.waiting.drain(..) {
            post(worker, &message)?;
        }
    }
    Ok(Heard::Report(report))
}

/// A worker that the browser ends, for want of memory for one, goes without a word.
fn watch(life: &str, line: &Rc<RefCell<Line>>, tell: &Rc<dyn Fn(Heard)>) {
    let (line, tell) = (Rc::clone(line), Rc::clone(tell));
    life::when_over(life, move || {
        if !line.borrow().closed {
            let nothing_known = Error::Internal { reason: Message::verbatim("") };
            tell(gone(&line, (&nothing_known).into()));
        }
    });
}

fn gone(line: &RefCell<Line>, fault: Fault) -> Heard {
    Heard::Gone { had_started: line.borrow().listening, fault }
}

fn post(worker: &Worker, message: &JsValue) -> Result<()> {
    worker.post_message(message).map_err(|error| thrown("the engine cannot be reached", &error))
}
