//! The worker: owner of device, weights and pipeline.
//!
//! Models are opened and images made one after another, in the order in which they were requested. All other
//! requests are answered meanwhile.

mod call;
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

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use futures::StreamExt;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use serde::Deserialize;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use self::call::Call;
use self::fit::{Fits, Question, What};
use self::open::{Opening, Session};
use self::port::Port;
use super::message::{PickedFile, detach, detach_picture, from_js};
use super::pipelines::Pipelines;
use super::protocol::{Command, Request, Response, WorkerMessage};
use crate::device::Compute;
use crate::error::{Error, Message};
use crate::runtime::{Limits, ModelFootprint};
use crate::weights::browser::WebLock;

/// A command that waits for its turn, with the files attached to it.
type Job = (Call, Command, Vec<PickedFile>);

/// Takes requests until the page closes the worker.
pub fn start() {
    let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() else { return };
    let port = Port::new(scope.clone());
    last_words::listen(&scope, &port);
    let (sender, jobs) = unbounded();
    let worker = Rc::new(Worker {
        port: port.clone(),
        calls: RefCell::default(),
        fits: RefCell::default(),
        gpu: RefCell::default(),
        pipelines: RefCell::default(),
        scales: RefCell::default(),
    });

    let on_message = {
        let worker = Rc::clone(&worker);
        move |event: MessageEvent| worker.receive(event.data(), &sender)
    };
    let closure = Closure::<dyn FnMut(MessageEvent)>::new(on_message);
    scope.set_onmessage(Some(closure.as_ref().unchecked_ref()));
    closure.forget(); // It is needed as long as the worker lives.

    spawn_local(async move {
        let name = format!("hearth-engine-{}", js_sys::Math::random());
        let lock = WebLock::acquire(&name).await;
        let lifetime_lock = if lock.is_held() { name } else { String::new() };
        port.post(&WorkerMessage::Started { lifetime_lock });
        worker.serve(jobs).await;
        drop(lock);
    });
}

struct Worker {
    port: Port,
    /// Requests that are not answered yet.
    calls: RefCell<HashMap<u32, Call>>,
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
    fn receive(self: &Rc<Self>, message: JsValue, jobs: &UnboundedSender<Job>) {
        let (files, picture) = (detach(&message), detach_picture(&message));
        match from_js(message.clone()) {
            Ok(Request { command: Command::Cancel { request }, .. }) => {
                // One that was answered meanwhile is not there any more.
                if let Some(call) = self.calls.borrow().get(&request) {
                    call.cancel();
                }
            }
            Ok(Request { id, command }) => {
                let call = Call::new(id, self.port.clone());
                self.calls.borrow_mut().insert(id, call.clone());
                let worker = Rc::clone(self);
                match command {
                    Command::Open { .. } | Command::Generate { .. } => {
                        // The receiver lives as long as the worker.
                        let _ = jobs.unbounded_send((call, command, files));
                    }
                    Command::FitImage { picture: number, width, height, fit } => {
                        let (what, size) = (What::Image { number }, [width, height]);
                        worker.fit(Question { call, what, size, fit, picture });
                    }
                    Command::FitMask { width, height, fit } => {
                        let (what, size) = (What::Mask, [width, height]);
                        worker.fit(Question { call, what, size, fit, picture });
                    }
                    command => spawn_local(async move {
                        let response = worker.answer(&call, command, files).await;
                        worker.respond(&call, response);
                    }),
                }
            }
            Err(error) => self.refuse(message, &error),
        }
    }

    /// Answers a message that is no request, if it has at least a number.
    fn refuse(&self, message: JsValue, error: &Error) {
        #[derive(Deserialize)]
        struct Numbered {
            id: u32,
        }
        match from_js(message) {
            Ok(Numbered { id }) => {
                Call::new(id, self.port.clone()).respond(Response::failed(error));
            }
            Err(_) => self.port.post(&WorkerMessage::Trouble { fault: error.into() }),
        }
    }

    fn respond(&self, call: &Call, response: Response) {
        self.calls.borrow_mut().remove(&call.id());
        call.respond(response);
    }

    /// Opens models and makes images, in turn.
    async fn serve(self: Rc<Self>, mut jobs: UnboundedReceiver<Job>) {
        let mut session: Option<Session> = None;
        while let Some((call, command, files)) = jobs.next().await {
            let response = match (command, &session) {
                _ if call.is_cancelled() => Response::Cancelled { model_stays: session.is_some() },
                (Command::Open { choice, device, consent }, _) => {
                    let opening = Opening { choice, files, device, consent };
                    self.open(&mut session, opening, &call).await
                }
                (Command::Generate { request }, Some(session)) => {
                    self.generate(session, request, &call).await
                }
                _ => {
                    let reason =
                        Message::verbatim("a picture was asked for before a model was loaded");
                    let fault = (&Error::Internal { reason }).into();
                    Response::Failed { fault, offer_cpu: false, model_stays: false }
                }
            };
            self.respond(&call, response);
        }
    }

    /// Answers what does not wait for its turn.
    async fn answer(&self, call: &Call, command: Command, files: Vec<PickedFile>) -> Response {
        match command {
            Command::Inspect { choice, device, size } => {
                look::inspect(call, &choice, files, device, size).await
            }
            Command::CheckSize { width, height, guides } => self.check_size(width, height, guides),
            Command::ReadMetadata => recipe::read_metadata(&files).await,
            Command::Library => library::list_kept().await,
            Command::Remove { place } => library::remove(place).await,
            Command::RemoveAll => library::remove_all().await,
            Command::Verify { place } => library::verify(call, place).await,
            // Handled in `receive` and `serve`.
            Command::Open { .. }
            | Command::Generate { .. }
            | Command::Cancel { .. }
            | Command::FitImage { .. }
            | Command::FitMask { .. } => Response::Cancelled { model_stays: true },
        }
    }
}
