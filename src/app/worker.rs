//! The engine's side: one worker owns device, weights and pipeline.
//!
//! Commands are done one after another, in the order in which they came; only a cancellation is
//! heard while another command is being done.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::StreamExt;
use futures::channel::mpsc::{UnboundedReceiver, unbounded};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use super::event_loop::next_task;
use super::gpu::Adapter;
use super::message::{from_js, to_js};
use super::protocol::{Command, DeviceChoice, GenerateRequest, ModelSheet, Pixels, Report};
use crate::device::{Compute, DeviceKind};
use crate::engine::{self, Limits, Model, Obstacle, Residence};
use crate::error::{Error, Result};
use crate::image::RgbImage;
use crate::pipeline::{Event, Host, TextToImage};
use crate::scheduler::SchedulerName;
use crate::weights::http::Http;
use crate::weights::indexed_db::{IndexedDb, Transfer};
use crate::weights::{Checkpoint, OpenOptions, Source};

/// Listens to the page until it closes the worker.
pub fn start() {
    console_error_panic_hook::set_once();
    let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() else { return };
    let port = Port { scope: scope.clone() };
    let cancelled = Rc::new(Cell::new(None));
    let (sender, commands) = unbounded();

    let heard = {
        let (port, cancelled) = (port.clone(), Rc::clone(&cancelled));
        move |event: MessageEvent| match from_js(event.data()) {
            Ok(Command::Cancel { id }) => cancelled.set(Some(id)),
            Ok(command) => {
                // The receiver lives as long as the worker.
                let _ = sender.unbounded_send(command);
            }
            Err(error) => port.failed(None, &error, false),
        }
    };
    let closure = Closure::<dyn FnMut(MessageEvent)>::new(heard);
    scope.set_onmessage(Some(closure.as_ref().unchecked_ref()));
    closure.forget(); // It is needed as long as the worker lives.

    let worker = Worker { port: port.clone(), cancelled, gpu: RefCell::new(None) };
    wasm_bindgen_futures::spawn_local(worker.serve(commands));
    port.post(&Report::Listening);
}

/// The line to the page.
#[derive(Clone)]
struct Port {
    scope: DedicatedWorkerGlobalScope,
}

impl Port {
    fn post(&self, report: &Report) {
        // A report is plain data: it can always be cloned. If that ever failed, the page would hear
        // of it as a failure of the worker.
        match to_js(report).map(|message| self.scope.post_message(&message)) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => wasm_bindgen::throw_val(error),
            Err(error) => wasm_bindgen::throw_str(&error.to_string()),
        }
    }

    fn failed(&self, id: Option<u32>, error: &Error, offer_cpu: bool) {
        self.post(&Report::Failed { id, fault: error.into(), offer_cpu });
    }
}

struct Worker {
    port: Port,
    /// The run that the page wants to end.
    cancelled: Rc<Cell<Option<u32>>>,
    /// The GPU, once it was asked for: it can be asked for only once.
    gpu: RefCell<Option<Compute>>,
}

/// A model that is ready.
struct Session {
    model: Model<IndexedDb>,
    compute: Compute,
    name: String,
    scheduler: SchedulerName,
}

impl Worker {
    async fn serve(self, mut commands: UnboundedReceiver<Command>) {
        let mut session: Option<Session> = None;
        while let Some(command) = commands.next().await {
            match command {
                Command::Open { model, device } => {
                    session = None; // The old model makes room first.
                    match self.open(&model, device).await {
                        Ok(opened) => session = Some(opened),
                        Err(error) => {
                            let on_gpu = matches!(error, Error::NoGpu { .. } | Error::Gpu { .. });
                            let offer_cpu = on_gpu && device == DeviceChoice::Webgpu;
                            self.port.failed(None, &error, offer_cpu);
                        }
                    }
                }
                Command::Generate { id, request } => match &session {
                    Some(session) => self.generate(session, id, &request).await,
                    None => {
                        let reason = "a picture was asked for before a model was loaded".into();
                        self.port.failed(Some(id), &Error::Internal { reason }, false);
                    }
                },
                Command::Cancel { .. } => {} // Heard at once, in `start`.
            }
        }
    }

    async fn open(&self, address: &str, device: DeviceChoice) -> Result<Session> {
        // 1. Will the device do?
        self.preparing("Looking at the device");
        let adapter = match device {
            DeviceChoice::Webgpu => Some(Adapter::request().await?),
            DeviceChoice::Cpu => None,
        };

        // 2. What is the model?
        self.preparing("Reading the model’s settings");
        let port = self.port.clone();
        let progress = Rc::new(Progress { port, received: Cell::new(0), total: Cell::new(0) });
        let listener = Rc::clone(&progress);
        let http = Http::new(address);
        let source = IndexedDb::open(http, Rc::new(move |transfer| listener.hear(transfer))).await;
        let checkpoint = Checkpoint::open(&source, &OpenOptions::default()).await?;
        let limits = match &adapter {
            Some(adapter) => adapter.limits()?,
            None => Limits { memory: Some(CPU_MEMORY), ..Limits::default() },
        };
        let plan = engine::plan(&checkpoint, checkpoint.own_size(), true, limits);
        if let Some(obstacle) = plan.obstacles.first() {
            return Err(cannot_run(&adapter, obstacle));
        }
        progress.total.set(checkpoint.weight_bytes());

        // 3. Onto the device.
        let compute = self.compute(adapter).await?;
        let name = match checkpoint.sheet.name.as_str() {
            "" => source.place(),
            name => name.to_string(),
        };
        let scheduler = checkpoint.scheduler.scheduler_name()?;
        let sheet = model_sheet(&checkpoint, &name, scheduler);
        let mut loaded = async |_| {
            next_task().await;
            Ok(())
        };
        let (source, device) = (Rc::new(source), &compute.device);
        let model = engine::load(checkpoint, source, device, Residence::All, &mut loaded).await?;
        compute.settle().await?; // Else a GPU without enough memory would show in the first picture.

        self.port.post(&Report::Ready { model: sheet, device: compute.name.clone() });
        Ok(Session { model, compute, name, scheduler })
    }

    async fn compute(&self, adapter: Option<Adapter>) -> Result<Compute> {
        let Some(adapter) = adapter else {
            return Compute::open(DeviceKind::Cpu).await;
        };
        if let Some(gpu) = self.gpu.borrow().clone() {
            return Ok(gpu);
        }
        self.preparing("Preparing the GPU");
        let mut gpu = Compute::open(DeviceKind::Wgpu).await?;
        gpu.name = format!("WebGPU · {}", adapter.name());
        self.gpu.replace(Some(gpu.clone()));
        Ok(gpu)
    }

    async fn generate(&self, session: &Session, id: u32, form: &GenerateRequest) {
        let start = js_sys::Date::now();
        match self.picture(session, id, form).await {
            Ok((picture, png)) => {
                let seconds = (js_sys::Date::now() - start) / 1000.0;
                self.port.post(&Report::Done { id, picture: pixels(&picture), png, seconds });
            }
            Err(Error::Cancelled) => self.port.post(&Report::Cancelled { id }),
            Err(error) => {
                let offer_cpu = matches!(error, Error::Gpu { .. });
                self.port.failed(Some(id), &error, offer_cpu);
            }
        }
    }

    async fn picture(
        &self,
        session: &Session,
        id: u32,
        form: &GenerateRequest,
    ) -> Result<(RgbImage, Vec<u8>)> {
        let request = text_to_image(form)?;
        let host = Run { worker: self, compute: &session.compute, id };
        let picture = session.model.generate(&request, &host).await?;
        let scheduler = request.scheduler.unwrap_or(session.scheduler);
        let recipe = request.recipe(&session.name, scheduler);
        let text: Vec<(&str, &str)> = recipe.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let png = picture.image.to_png(&text)?;
        Ok((picture.image, png))
    }

    fn preparing(&self, what: &str) {
        self.port.post(&Report::Preparing { what: what.to_string() });
    }
}

/// Tells the page how far the weights are.
struct Progress {
    port: Port,
    received: Cell<u64>,
    total: Cell<u64>,
}

impl Progress {
    fn hear(&self, transfer: Transfer) {
        match transfer {
            // Configs arrive before the total is known, and are too small to count.
            Transfer::Received { bytes, cached, .. } if self.total.get() > 0 => {
                self.received.set(self.received.get() + bytes);
                self.port.post(&Report::Downloading {
                    received: self.received.get().min(self.total.get()),
                    total: self.total.get(),
                    cached,
                });
            }
            Transfer::Received { .. } => {}
            Transfer::NotKept { error } => {
                self.port.post(&Report::Note { id: None, message: error.to_string() });
            }
        }
    }
}

/// One run, as the pipeline sees it.
struct Run<'a> {
    worker: &'a Worker,
    compute: &'a Compute,
    id: u32,
}

impl Host for Run<'_> {
    async fn breathe(&self) -> Result<()> {
        next_task().await;
        self.compute.check()?;
        if self.worker.cancelled.get() == Some(self.id) {
            return Err(Error::Cancelled);
        }
        Ok(())
    }

    fn report(&self, event: Event) {
        let id = self.id;
        self.worker.port.post(&match event {
            Event::Loading { what, .. } => {
                Report::Preparing { what: format!("Loading the {what}") }
            }
            Event::PromptTruncated { field, lost } => Report::Note {
                id: Some(id),
                message: format!(
                    "The {} is longer than the model reads. This part has no effect: “{lost}”",
                    field.replace('_', " ")
                ),
            },
            Event::Step { done, total, preview } => Report::Step {
                id,
                done: done as u32,
                total: total as u32,
                preview: preview.as_ref().map(pixels),
            },
            Event::Decoding => Report::Decoding { id },
        });
    }

    fn wants_preview(&self) -> bool {
        true
    }
}

/// WebAssembly's memory ends at 4 GiB; the program itself and a tensor on its way need some of it.
const CPU_MEMORY: u64 = 7 << 29;

fn cannot_run(adapter: &Option<Adapter>, obstacle: &Obstacle) -> Error {
    let reason = obstacle.to_string();
    match adapter {
        Some(_) => Error::NoGpu { reason },
        None => Error::Unsupported {
            path: "This model".to_string(),
            what: "more than this browser's CPU can give".to_string(),
            remedy: format!("On the CPU, {reason}"),
        },
    }
}

fn text_to_image(form: &GenerateRequest) -> Result<TextToImage> {
    let seed = form.seed.trim();
    let scheduler = form.scheduler.trim();
    Ok(TextToImage {
        prompt: form.prompt.clone(),
        negative_prompt: form.negative_prompt.clone(),
        num_inference_steps: form.num_inference_steps as usize,
        guidance_scale: form.guidance_scale,
        seed: seed.parse().map_err(|_| Error::InvalidRequest {
            field: "seed",
            value: if seed.is_empty() { "empty".to_string() } else { seed.to_string() },
            reason: format!("it must be a whole number from 0 to {}", u64::MAX),
        })?,
        scheduler: if scheduler.is_empty() { None } else { Some(scheduler.parse()?) },
        width: form.width as usize,
        height: form.height as usize,
        eta: 0.0,
        clip_skip: 0,
    })
}

fn model_sheet(checkpoint: &Checkpoint, name: &str, scheduler: SchedulerName) -> ModelSheet {
    let [width, height] = checkpoint.own_size();
    ModelSheet {
        name: name.to_string(),
        default_prompt: checkpoint.sheet.default_prompt.clone(),
        num_inference_steps: checkpoint.sheet.num_inference_steps as u32,
        guidance_scale: checkpoint.sheet.guidance_scale,
        width: width as u32,
        height: height as u32,
        scheduler: scheduler.to_string(),
        schedulers: SchedulerName::ALL
            .iter()
            .map(|name| (name.to_string(), name.label().to_string()))
            .collect(),
    }
}

/// As a canvas takes it.
fn pixels(image: &RgbImage) -> Pixels {
    let rgba = image.pixels.chunks_exact(3).flat_map(|p| [p[0], p[1], p[2], u8::MAX]).collect();
    Pixels { width: image.width as u32, height: image.height as u32, rgba }
}
