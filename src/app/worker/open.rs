//! Download and loading of the selected model.

use std::rc::Rc;

use super::Worker;
use super::call::Call;
use super::inspect::{
    OpenedSources, card, cpu_limits, open_options, page_folder, remaining_downloads,
};
use super::model_sheet::{gpu_memory, heap, model_fingerprint, model_sheet};
use super::own_adapter::open_own;
use super::progress::Progress;
use super::repository::files_instead;
use super::source::{ModelSource, NamedSource};
use super::tiles::TileCache;
use super::vae::open_vae;

use crate::app::event_loop::next_task;
use crate::app::gpu::Adapter;
use crate::app::message::PickedFile;
use crate::app::pipelines::Pipelines;
use crate::app::protocol::{
    AdapterCard, Card, DeviceChoice, Memory, ModelChoice, ModelOptions, Note, Origin, Place,
    Response, Stage,
};
use crate::device::{Compute, DeviceKind};
use crate::error::{Error, Result};
use crate::families::Checkpoint;
use crate::params::NamedHash;
use crate::pipeline::metadata::ModelIdentity;
use crate::pipeline::preview::Preview;
use crate::runtime::{self, Blocker, Limits, Model, ModelFootprint, Residency, Sources};
use crate::scheduler::SchedulerName;
use crate::weights::{Source, fingerprint};

/// Bytes above which a download needs the user's consent.
const CONSENT_THRESHOLD: u64 = 100_000_000;

/// An [`Open`](crate::app::protocol::Command::Open) command with its files.
pub struct OpenRequest {
    /// The model.
    pub choice: ModelChoice,
    /// The files of a picked model.
    pub files: Vec<PickedFile>,
    /// The files of a picked autoencoder.
    pub vae_files: Vec<PickedFile>,
    /// The device.
    pub device: DeviceChoice,
    /// Whether the user has seen the size.
    pub consent: bool,
    /// Size of the images for which it must fit, `[width, height]` in pixels.
    pub size: Option<[u32; 2]>,
}

/// A loaded model.
pub struct Session {
    /// The model.
    pub model: Model<ModelSource>,
    /// The device.
    pub compute: Compute,
    /// Its identity, for the metadata of its images.
    pub identity: ModelIdentity,
    /// The autoencoder in place of its own, for the same.
    pub vae: Option<NamedHash>,
    /// The adapter that comes with it.
    own_adapter: Option<AdapterCard>,
    /// What it was opened by.
    opened: Opened,
    /// The scheduler of its config.
    pub scheduler: Option<SchedulerName>,
}

/// What a model was opened by: models with equal values differ in their autoencoders alone.
#[derive(PartialEq)]
struct Opened {
    place: Place,
    options: ModelOptions,
    device: DeviceChoice,
    /// Fingerprint of all networks but the autoencoder.
    fingerprint: Option<String>,
}

/// A model whose weights are downloaded.
struct FetchedModel {
    compute: Compute,
    sources: Sources<ModelSource>,
    opened: Opened,
    /// Whether the loaded model is the same but for its autoencoder.
    only_vae: bool,
    checkpoint: Checkpoint,
    name: String,
    limits: Limits,
    residency: Residency,
    /// The tiny autoencoder for previews.
    preview: Option<ModelChoice>,
    progress: Rc<Progress>,
}

enum FetchOutcome {
    Fetched(Box<FetchedModel>),
    /// The download is large and needs the user's consent.
    ConsentNeeded(Card),
}

impl Worker {
    /// Answers [`Open`](crate::app::protocol::Command::Open). The model in `session` stays loaded
    /// until the new one is downloaded; the page can cancel until then.
    pub async fn open(
        &self,
        session: &mut Option<Session>,
        open_request: OpenRequest,
        call: &Call,
    ) -> Response {
        let device = open_request.device;
        let model_stays = session.is_some();
        match call.until_cancelled(self.fetch(session.as_ref(), open_request, call)).await {
            Some(Ok(FetchOutcome::Fetched(fetched))) => {
                // Drop the old model first, or its autoencoder; on a GPU after its last computation.
                let same = session.take().filter(|_| fetched.only_vae);
                self.footprint.replace(None);
                self.family.replace(None);
                if same.is_none() {
                    self.adapters.take();
                }
                let gpu = self.gpu.borrow().clone();
                if let Some(gpu) = gpu {
                    let _ = gpu.sync().await; // Errors of the old model do not matter.
                    gpu.device.memory_cleanup();
                }
                match self.load(same, *fetched, call).await {
                    Ok((loaded, response)) => {
                        *session = Some(loaded);
                        response
                    }
                    Err(error) => {
                        self.adapters.take();
                        open_failed(&error, device, false)
                    }
                }
            }
            Some(Ok(FetchOutcome::ConsentNeeded(card))) => {
                Response::ConsentNeeded { card, model_stays }
            }
            Some(Err(error)) => open_failed(&error, device, model_stays),
            None => Response::Cancelled { model_stays },
        }
    }

    async fn fetch(
        &self,
        session: Option<&Session>,
        open_request: OpenRequest,
        call: &Call,
    ) -> Result<FetchOutcome> {
        let OpenRequest { choice, files, vae_files, device, consent, size } = open_request;
        // 1. Check the device.
        call.preparing(Stage::Device);
        let adapter = match device {
            DeviceChoice::Webgpu => Some(Adapter::request().await?),
            DeviceChoice::Cpu => None,
        };
        let limits = match &adapter {
            Some(adapter) => adapter.limits()?,
            None => cpu_limits(),
        };

        // 2. Read the model's configs.
        call.preparing(Stage::Settings);
        let progress = Rc::new(Progress::new(call.clone()));
        let listener = Rc::clone(&progress);
        let listener = Rc::new(move |transfer| listener.on_transfer(transfer));
        let NamedSource { source, name } =
            NamedSource::open(&choice, files, Rc::clone(&listener) as Rc<_>).await?;
        let mut options = open_options(&source, &choice.options).await;
        let vae = open_vae(&choice, vae_files, listener, &mut options).await?;
        let checkpoint = match Checkpoint::open(&source, &options).await {
            Ok(checkpoint) => checkpoint,
            Err(error) => {
                let instead = files_instead(&source, &error).await;
                return Err(instead.map_or(error, |(better, _)| better));
            }
        };
        let native = checkpoint.native_size();
        let is_smaller = |size: &[usize; 2]| size[0] * size[1] < native[0] * native[1];
        let pixels = size.map(|size| size.map(|side| side as usize)).filter(is_smaller);
        let pixels = pixels.unwrap_or(native);
        let plan = ModelFootprint::new(&checkpoint).plan(pixels, true, limits);
        if let Some(blocker) = plan.blockers.first() {
            return Err(cannot_run(adapter.as_ref(), blocker));
        }
        let left = remaining_downloads(&source, vae.as_ref(), &checkpoint).await;
        if !consent && left > CONSENT_THRESHOLD {
            let (model, vae, options) = (&source, vae.as_ref(), &options);
            let opened = OpenedSources { model, name: &name, vae, options };
            let card = card(opened, choice.options.low_memory, Ok(limits), size).await?;
            return Ok(FetchOutcome::ConsentNeeded(card));
        }
        let residency = match choice.options.low_memory {
            true => Residency::OneAtATime,
            false => plan.residency(),
        };
        let mut opened = Opened {
            place: choice.place.clone(),
            options: choice.options.clone(),
            device,
            fingerprint: None,
        };
        let is_kept = |session: &&Session| {
            let before = &session.opened;
            before.place == opened.place
                && before.options == opened.options
                && before.device == opened.device
                && session.model.networks.residency() == residency
        };
        let mut only_vae = false;
        if let Some(session) = session.filter(is_kept) {
            let files = checkpoint.files_beside_vae();
            opened.fingerprint = fingerprint(&source, &files).await.unwrap_or_default();
            only_vae = opened.fingerprint.is_some() && session.opened == opened;
        }

        // 3. Download the weights. Meanwhile the GPU builds its pipelines; a software GPU would do
        // that on the CPU, which the download needs.
        progress.expect(match only_vae {
            true => checkpoint.vae_bytes(),
            false => plan.download,
        });
        let compute = self.compute(adapter.as_ref(), call).await?;
        let warm = async {
            next_task().await; // The download's first requests start before the pipelines.
            if compute.is_gpu() && !compute.is_software() && !only_vae {
                let run = runtime::default_params(&checkpoint, &name);
                let tiles = TileCache::new(&compute, self.pipelines(&compute));
                let device = &compute.device;
                runtime::prepare_kernels(&tiles, &checkpoint, device, limits, &run).await;
                // Burn's runtime adopts the pipelines. If this fails, only the first image takes
                // longer.
                let _ = runtime::warm_up(&checkpoint, device, limits, &run);
            }
        };
        let sources = Sources { model: Rc::new(source), vae: vae.map(Rc::new) };
        let (fetched, ()) = futures::join!(sources.fetch(&checkpoint), warm);
        fetched?;
        progress.set_complete();
        let name = checkpoint.model_card.name_or(&name);
        if opened.fingerprint.is_none() {
            let files = checkpoint.files_beside_vae();
            opened.fingerprint = fingerprint(&*sources.model, &files).await.unwrap_or_default();
        }
        let preview = preview_choice(&choice);
        Ok(FetchOutcome::Fetched(Box::new(FetchedModel {
            compute,
            sources,
            opened,
            only_vae,
            checkpoint,
            name,
            limits,
            residency,
            preview,
            progress,
        })))
    }

    /// Loads a model; `same`: the loaded one, which is the same but for its autoencoder.
    async fn load(
        &self,
        same: Option<Session>,
        fetched: FetchedModel,
        call: &Call,
    ) -> Result<(Session, Response)> {
        let FetchedModel {
            compute,
            sources,
            opened,
            only_vae: _,
            checkpoint,
            name,
            limits,
            residency,
            preview,
            progress,
        } = fetched;
        let defaults = runtime::default_params(&checkpoint, &name);
        let scheduler = defaults.scheduler;
        let most_clip_skip = checkpoint.family.most_clip_skip();
        let source = Rc::clone(&sources.model);
        let fingerprint = model_fingerprint(&source, &checkpoint).await;
        let identity = ModelIdentity::new(name, &source.place(), fingerprint);
        let vae = checkpoint.vae_identity();
        let footprint = ModelFootprint::new(&checkpoint);
        let (total, read) = match &same {
            Some(_) => (checkpoint.vae_bytes(), sources.of_vae()),
            None => (checkpoint.weight_bytes(), &*sources.model),
        };
        let (total, from_disk) = (total.max(1), matches!(read, ModelSource::Picked(_)));
        let (mut done, mut reported) = (0, 0);
        let mut loaded = async |bytes| {
            done += bytes;
            let percent = (100 * done.min(total) / total) as u32;
            if from_disk {
                progress.add(bytes, Origin::Disk);
            } else if !progress.was_fetched() {
                progress.add(bytes, Origin::Browser);
            } else if percent > reported {
                reported = percent;
                call.preparing(Stage::Model { percent });
            }
            next_task().await;
            Ok(())
        };
        call.preparing(Stage::Model { percent: 0 });
        let only_vae = same.is_some();
        let (mut model, own_adapter) = match same {
            Some(Session { model, own_adapter, .. }) => {
                let sources = sources.clone();
                let loading = runtime::replace_vae(model, checkpoint, sources, limits, &mut loaded);
                (loading.await?, own_adapter)
            }
            None => {
                let (sources, gpu) = (sources.clone(), &compute.device);
                let loading =
                    runtime::load(checkpoint, sources, gpu, limits, residency, &mut loaded);
                let model = loading.await?;
                let own = open_own(&model, Rc::clone(&source)).await?;
                let own = own.map(|(adapter, card)| {
                    self.adapters.borrow_mut().put(adapter);
                    card
                });
                (model, own)
            }
        };
        let adapter = own_adapter.clone();
        let sheet =
            model_sheet(&identity, vae.clone(), source.place(), defaults, most_clip_skip, adapter);
        if let Some(choice) = preview
            && !only_vae
            && let Some(tiny) = self.load_preview(&choice, &compute, limits, call).await
        {
            model.preview = Some(tiny);
        }
        compute.sync().await?; // Reports a lack of GPU memory now rather than during the first run.

        let weights = footprint.weight_bytes(limits);
        let memory = Memory { heap: heap(), gpu: gpu_memory(&compute), weights };
        self.footprint.replace(Some((footprint, limits)));
        self.family.replace(Some(model.family.clone()));
        let device = compute.name.clone();
        let response = Response::Opened { model: Box::new(sheet), device, memory, only_vae };
        let session = Session { model, compute, identity, vae, own_adapter, opened, scheduler };
        Ok((session, response))
    }

    /// Loads the tiny autoencoder for previews. Failure is only a warning, because there are
    /// previews without it.
    async fn load_preview(
        &self,
        choice: &ModelChoice,
        compute: &Compute,
        limits: Limits,
        call: &Call,
    ) -> Option<Preview> {
        call.preparing(Stage::Previews);
        let mut loaded = async |_| {
            next_task().await;
            Ok(())
        };
        let preview = async {
            let NamedSource { source, .. } =
                NamedSource::open(choice, Vec::new(), Rc::new(|_| {})).await?;
            runtime::load_preview(&source, &compute.device, limits, &mut loaded).await
        };
        match preview.await {
            Ok(preview) => Some(preview),
            Err(error) => {
                call.note(Note::NoTinyAutoencoder { error: (&error).into() });
                None
            }
        }
    }

    async fn compute(&self, adapter: Option<&Adapter>, call: &Call) -> Result<Compute> {
        let Some(adapter) = adapter else {
            return Compute::open(DeviceKind::Cpu).await;
        };
        if let Some(gpu) = self.gpu.borrow().clone() {
            return Ok(gpu);
        }
        call.preparing(Stage::Gpu);
        let mut gpu = Compute::open(DeviceKind::Wgpu).await?;
        gpu.name = format!("WebGPU · {}", adapter.name());
        self.gpu.replace(Some(gpu.clone()));
        Ok(gpu)
    }

    /// Returns the pipelines of the GPU.
    fn pipelines(&self, compute: &Compute) -> Option<Pipelines> {
        let mut pipelines = self.pipelines.borrow_mut();
        if pipelines.is_none() {
            *pipelines = Pipelines::new(compute);
        }
        pipelines.clone()
    }
}

fn open_failed(error: &Error, device: DeviceChoice, model_stays: bool) -> Response {
    let on_gpu = matches!(error, Error::NoGpu { .. }) || error.is_of_gpu();
    let offer_cpu = on_gpu && device == DeviceChoice::Webgpu;
    Response::Failed { error: error.into(), offer_cpu, model_stays }
}

fn preview_choice(choice: &ModelChoice) -> Option<ModelChoice> {
    let text = choice.options.preview.trim().to_string();
    let base = match &choice.place {
        Place::Address { base, .. } => base.clone(),
        Place::Picked { .. } => page_folder().unwrap_or_default(),
    };
    let place = Place::Address { text, base };
    let options = ModelOptions::default();
    (!choice.options.preview.trim().is_empty()).then_some(ModelChoice { place, vae: None, options })
}

fn cannot_run(adapter: Option<&Adapter>, blocker: &Blocker) -> Error {
    let reason = blocker.message();
    match adapter {
        Some(_) => Error::NoGpu { reason },
        None => Error::BeyondCpu { reason },
    }
}
