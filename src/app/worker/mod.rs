//! The engine's side: one worker owns device, weights and pipeline.
//!
//! Models are opened and pictures made one after another, in the order in which they were asked for.
//! Everything else is answered meanwhile: a cancellation, questions about other models and about
//! pictures, what this browser keeps.

mod decode;
mod failure;
mod fit;
mod init_image;
mod last_words;
mod library;
mod look;
mod open;
mod paint;
mod port;
mod progress;
mod recipe;
mod source;
mod tiles;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::StreamExt;
use futures::channel::mpsc::{UnboundedReceiver, unbounded};
use futures::future::AbortHandle;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use self::fit::{Fits, Question, What};
use self::open::{Opening, Session};
use self::port::Port;
use super::message::{PickedFile, detach, detach_picture, from_js};
use super::pipelines::Pipelines;
use super::protocol::{Command, Report};
use crate::device::Compute;
use crate::error::{Error, Message};
use crate::runtime::{Limits, ModelFootprint};
use crate::weights::browser::WebLock;

/// Listens to the page until it closes the worker.
pub fn start() {
    let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() else { return };
    let port = Port::new(scope.clone());
    last_words::listen(&scope, &port);
    let (sender, commands) = unbounded();
    let worker = Rc::new(Worker {
        port: port.clone(),
        cancelled: Cell::new(None),
        opening: RefCell::default(),
        inspection: RefCell::default(),
        fits: RefCell::default(),
        gpu: RefCell::default(),
        pipelines: RefCell::default(),
        scales: RefCell::default(),
    });

    let heard = {
        let worker = Rc::clone(&worker);
        move |event: MessageEvent| {
            let message = event.data();
            let (files, picture) = (detach(&message), detach_picture(&message));
            match from_js(message) {
                Ok(command @ (Command::Open { .. } | Command::Generate { .. })) => {
                    // The receiver lives as long as the worker.
                    let _ = sender.unbounded_send((command, files));
                }
                Ok(Command::FitImage { id, picture: number, width, height, fit }) => {
                    let what = What::Image { number };
                    let question = Question { id, what, size: [width, height], fit, picture };
                    Rc::clone(&worker).fit(question);
                }
                Ok(Command::FitMask { id, width, height, fit }) => {
                    let what = What::Mask;
                    let question = Question { id, what, size: [width, height], fit, picture };
                    Rc::clone(&worker).fit(question);
                }
                Ok(command) => Rc::clone(&worker).meanwhile(command, files),
                Err(error) => worker.port.failed(None, &error, false, false),
            }
        }
    };
    let closure = Closure::<dyn FnMut(MessageEvent)>::new(heard);
    scope.set_onmessage(Some(closure.as_ref().unchecked_ref()));
    closure.forget(); // It is needed as long as the worker lives.

    spawn_local(async move {
        let life = format!("hearth-engine-{}", js_sys::Math::random());
        let lock = WebLock::acquire(&life).await;
        let life = if lock.is_held() { life } else { String::new() };
        port.post(&Report::Listening { life });
        worker.serve(commands).await;
        drop(lock);
    });
}

struct Worker {
    port: Port,
    /// The run that the page wants to end.
    cancelled: Cell<Option<u32>>,
    /// Ends the opening that is under way, as long as it may be ended.
    opening: RefCell<Option<AbortHandle>>,
    /// Ends the inspection that is under way.
    inspection: RefCell<Option<AbortHandle>>,
    /// Pictures to be read and fitted.
    fits: RefCell<Fits>,
    /// The GPU, once it was asked for: it can be asked for only once.
    gpu: RefCell<Option<Compute>>,
    /// Its pipelines that are ready.
    pipelines: RefCell<Option<Pipelines>>,
    /// What decides whether the loaded model can make a picture of some size.
    scales: RefCell<Option<(ModelFootprint, Limits)>>,
}

impl Worker {
    async fn serve(self: Rc<Self>, mut commands: UnboundedReceiver<(Command, Vec<PickedFile>)>) {
        let mut session: Option<Session> = None;
        while let Some((command, files)) = commands.next().await {
            match command {
                Command::Open { choice, device, consent } => {
                    self.open(&mut session, Opening { choice, files, device, consent }).await;
                }
                Command::Generate { id, request } => match &session {
                    Some(session) => self.generate(session, id, request).await,
                    None => {
                        let reason =
                            Message::verbatim("a picture was asked for before a model was loaded");
                        self.port.failed(Some(id), &Error::Internal { reason }, false, false);
                    }
                },
                _ => {} // Answered at once, by `meanwhile`.
            }
        }
    }

    /// What does not wait for its turn.
    fn meanwhile(self: Rc<Self>, command: Command, files: Vec<PickedFile>) {
        match command {
            Command::Cancel { id } => self.cancelled.set(Some(id)),
            Command::StopDownload => {
                if let Some(opening) = self.opening.take() {
                    opening.abort();
                }
            }
            Command::Inspect { id, choice, device, size } => {
                spawn_local(async move { self.inspect(id, &choice, files, device, size).await });
            }
            Command::Recipe { id } => spawn_local(async move { self.recipe(id, files).await }),
            Command::Weigh { width, height, guides } => self.weigh(width, height, guides),
            Command::Library
            | Command::Remove { .. }
            | Command::RemoveAll
            | Command::Verify { .. } => {
                spawn_local(async move { library::answer(&self.port, command).await });
            }
            // They wait for their turn.
            Command::Open { .. } | Command::Generate { .. } => {}
            // Their picture travels beside them.
            Command::FitImage { .. } | Command::FitMask { .. } => {}
        }
    }
}
