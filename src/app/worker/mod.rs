//! The worker: owner of device, weights and pipeline.
//!
//! Opening models and generating images runs in the order of the requests. All other requests are
//! answered concurrently.

mod adapters;
mod call;
mod crash_reports;
mod decode;
mod failure;
mod fit;
mod generate;
mod init_image;
mod inspect;
mod library;
mod metadata;
mod model_sheet;
mod open;
mod own_adapter;
mod port;
mod progress;
mod prompt;
mod repository;
mod source;
mod tiles;
mod vae;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use futures::StreamExt;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::future::{LocalBoxFuture, ready};
use serde::Deserialize;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use self::adapters::OpenAdapterRequest;
use self::call::Call;
use self::fit::{FitJob, FitKind, FitQueue};
use self::open::{OpenRequest, Session};
use self::port::Port;
use self::source::ModelSource;
use super::message::{detach, detach_picture, detach_vae, from_js};
use super::pipelines::Pipelines;
use super::protocol::{Command, GenerateRequest, Request, Response, WorkerMessage};
use crate::adapters::OpenAdapters;
use crate::device::Compute;
use crate::error::{Error, Message};
use crate::families::AnyFamily;
use crate::runtime::{Limits, ModelFootprint};
use crate::weights::browser::{WebLock, set_hub_token};

/// Work that is done in the order of the requests.
enum Job {
    Open(OpenRequest),
    OpenAdapter(OpenAdapterRequest),
    Generate(GenerateRequest),
}

/// Handles requests until the page terminates the worker.
pub fn start() {
    let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() else { return };
    let port = Port::new(scope.clone());
    crash_reports::listen(&scope, &port);
    let (sender, jobs) = unbounded();
    let worker = Rc::new(Worker {
        port: port.clone(),
        calls: RefCell::default(),
        fit_queue: RefCell::default(),
        gpu: RefCell::default(),
        pipelines: RefCell::default(),
        footprint: RefCell::default(),
        family: RefCell::default(),
        adapters: RefCell::default(),
    });

    let on_message = {
        let worker = Rc::clone(&worker);
        move |event: MessageEvent| worker.receive(event.data(), &sender)
    };
    let closure = Closure::<dyn FnMut(MessageEvent)>::new(on_message);
    scope.set_onmessage(Some(closure.as_ref().unchecked_ref()));
    closure.forget(); // Needed for the worker's lifetime.

    spawn_local(async move {
        let name = format!("hearth-engine-{}", js_sys::Math::random());
        let lock = WebLock::acquire(&name).await;
        let lifetime_lock = if lock.is_held() { name } else { String::new() };
        port.post(&WorkerMessage::Started { lifetime_lock });
        worker.run_jobs(jobs).await;
        drop(lock);
    });
}

struct Worker {
    port: Port,
    /// Unanswered requests by number.
    calls: RefCell<HashMap<u32, Call>>,
    /// Queue of [`Command::FitImage`] and [`Command::FitMask`].
    fit_queue: RefCell<FitQueue>,
    /// The GPU, once opened: a browser allows that only once.
    gpu: RefCell<Option<Compute>>,
    /// The GPU's compiled pipelines.
    pipelines: RefCell<Option<Pipelines>>,
    /// Memory footprint of the loaded model and the device's limits, to check image sizes.
    footprint: RefCell<Option<(ModelFootprint, Limits)>>,
    /// Family of the loaded model, to read prompts while it computes.
    family: RefCell<Option<AnyFamily>>,
    /// The adapters that are open for the loaded model.
    adapters: RefCell<OpenAdapters<ModelSource>>,
}

impl Worker {
    fn receive(self: &Rc<Self>, message: JsValue, jobs: &UnboundedSender<(Call, Job)>) {
        let (files, picture) = (detach(&message), detach_picture(&message));
        let vae_files = detach_vae(&message);
        let (id, command) = match from_js(message.clone()) {
            Ok(Request { id, command }) => (id, command),
            Err(error) => return self.reject(message, &error),
        };
        let call = Call::new(id, self.port.clone());
        let answer: LocalBoxFuture<'static, Response> = match command {
            Command::Cancel { request } => return self.cancel(request),
            Command::CloseAdapter { name } => return self.adapters.borrow_mut().remove(&name),
            Command::Open { choice, device, consent, size, hub_token } => {
                set_hub_token(hub_token.into_option());
                let open_request = OpenRequest { choice, files, vae_files, device, consent, size };
                return self.enqueue(call, Job::Open(open_request), jobs);
            }
            Command::OpenAdapter { place, hub_token } => {
                set_hub_token(hub_token.into_option());
                let request = OpenAdapterRequest { place, files };
                return self.enqueue(call, Job::OpenAdapter(request), jobs);
            }
            Command::Generate { request } => {
                return self.enqueue(call, Job::Generate(request), jobs);
            }
            Command::FitImage { picture: number, width, height, fit } => {
                let (kind, size) = (FitKind::Image { number }, [width, height]);
                self.register(&call);
                return Rc::clone(self).fit(FitJob { call, kind, size, fit, picture });
            }
            Command::FitMask { width, height, fit } => {
                let (kind, size) = (FitKind::Mask, [width, height]);
                self.register(&call);
                return Rc::clone(self).fit(FitJob { call, kind, size, fit, picture });
            }
            Command::Inspect { choice, device, size, hub_token } => {
                set_hub_token(hub_token.into_option());
                let call = call.clone();
                let files = [files, vae_files];
                Box::pin(async move { inspect::inspect(&call, &choice, files, device, size).await })
            }
            Command::CheckSize { width, height, guides } => {
                Box::pin(ready(self.check_size(width, height, guides)))
            }
            Command::ReadPrompts { params, adapters } => {
                Box::pin(ready(self.read_prompts(&params, &adapters)))
            }
            Command::ReadMetadata => {
                let is_sdxl = self.family.borrow().as_ref().is_some_and(|it| it.facts().is_sdxl);
                Box::pin(async move { metadata::read_metadata(&files, is_sdxl).await })
            }
            Command::Compare { picture, init_image } => {
                Box::pin(async move { generate::compare(picture, init_image) })
            }
            Command::Library => Box::pin(library::list_kept()),
            Command::Remove { place } => Box::pin(library::remove(place)),
            Command::RemoveAll => Box::pin(library::remove_all()),
            Command::Verify { place } => {
                let call = call.clone();
                Box::pin(async move { library::verify(&call, place).await })
            }
        };
        self.register(&call);
        let worker = Rc::clone(self);
        spawn_local(async move { worker.respond(&call, answer.await) });
    }

    /// Makes the request known to [`Command::Cancel`], until it is answered.
    fn register(&self, call: &Call) {
        self.calls.borrow_mut().insert(call.id(), call.clone());
    }

    fn enqueue(&self, call: Call, job: Job, jobs: &UnboundedSender<(Call, Job)>) {
        self.register(&call);
        // Sending cannot fail: the receiver lives as long as the worker.
        let _ = jobs.unbounded_send((call, job));
    }

    /// Cancels a request, unless it is answered already.
    fn cancel(&self, request: u32) {
        if let Some(call) = self.calls.borrow().get(&request) {
            call.cancel();
        }
    }

    /// Answers a message that is not a valid request, if it has at least a number.
    fn reject(&self, message: JsValue, error: &Error) {
        #[derive(Deserialize)]
        struct Numbered {
            id: u32,
        }
        match from_js(message) {
            Ok(Numbered { id }) => {
                Call::new(id, self.port.clone()).respond(Response::failed(error));
            }
            Err(_) => self.port.post(&WorkerMessage::Trouble { error: error.into() }),
        }
    }

    fn respond(&self, call: &Call, response: Response) {
        self.calls.borrow_mut().remove(&call.id());
        call.respond(response);
    }

    /// Opens models and generates images in order.
    async fn run_jobs(self: Rc<Self>, mut jobs: UnboundedReceiver<(Call, Job)>) {
        let mut session: Option<Session> = None;
        while let Some((call, job)) = jobs.next().await {
            let response = match (job, &mut session) {
                _ if call.is_cancelled() => Response::Cancelled { model_stays: session.is_some() },
                (Job::Open(open_request), session) => self.open(session, open_request, &call).await,
                (Job::OpenAdapter(request), Some(session)) => {
                    self.open_adapter(session, request, &call).await
                }
                (Job::Generate(request), Some(session)) => {
                    self.generate(session, request, &call).await
                }
                (Job::Generate(_) | Job::OpenAdapter(_), None) => {
                    let reason = Message::verbatim(
                        "a picture or an adapter was asked for before a model was loaded",
                    );
                    let error = (&Error::Internal { reason }).into();
                    Response::Failed { error, offer_cpu: false, model_stays: false }
                }
            };
            self.respond(&call, response);
        }
    }
}
