//! Description and requirements of a model.
//!
//! They are known before the model is loaded.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::WorkerGlobalScope;

use super::Worker;
use super::call::Call;
use super::library::{bytes_to_download, free_bytes};
use super::repository::files_instead;
use super::source::{ModelSource, NamedSource};
use super::vae::open_vae;
use crate::app::gpu::Adapter;
use crate::app::message::PickedFile;
use crate::app::protocol::{
    CPU_MEMORY, Card, DeviceChoice, ModelChoice, ModelOptions, Plan, Response,
};
use crate::error::{Error, Id, Message, Result};
use crate::families::Checkpoint;
use crate::runtime::{self, Blocker, Limits, ModelFootprint};
use crate::weights::browser::http;
use crate::weights::{OpenOptions, Precision, Prediction, Source};

/// Answers [`Inspect`](crate::app::protocol::Command::Inspect). `files`: those of the model, and of the
/// autoencoder in place of its own.
pub async fn inspect(
    call: &Call,
    choice: &ModelChoice,
    files: [Vec<PickedFile>; 2],
    device: DeviceChoice,
    size: Option<[u32; 2]>,
) -> Response {
    match call.until_cancelled(describe(choice, files, device, size)).await {
        Some(Ok(card)) => Response::Inspected { card },
        Some(Err(error)) => Response::failed(&error),
        None => Response::Cancelled { model_stays: true },
    }
}

impl Worker {
    /// Answers [`CheckSize`](crate::app::protocol::Command::CheckSize).
    pub fn check_size(&self, width: u32, height: u32, guides: bool) -> Response {
        let obstacle = self.obstacle([width as usize, height as usize], guides);
        Response::SizeChecked { width, height, obstacle: obstacle.as_ref().map(Into::into) }
    }

    /// Returns the reason why the loaded model cannot make an image of this size here, if so.
    pub fn obstacle(&self, size: [usize; 2], guides: bool) -> Option<Error> {
        let footprint = self.footprint.borrow();
        let (footprint, limits) = footprint.as_ref()?;
        let plan = footprint.plan(size, guides, *limits);
        plan.blockers.first().map(|blocker| too_large(size, blocker))
    }
}

async fn describe(
    choice: &ModelChoice,
    [files, vae_files]: [Vec<PickedFile>; 2],
    device: DeviceChoice,
    size: Option<[u32; 2]>,
) -> Result<Card> {
    let NamedSource { source, name } = NamedSource::open(choice, files, Rc::new(|_| {})).await?;
    let mut options = open_options(&source, &choice.options).await;
    let vae = open_vae(choice, vae_files, Rc::new(|_| {}), &mut options).await?;
    let limits = match device {
        DeviceChoice::Cpu => Ok(cpu_limits()),
        DeviceChoice::Webgpu => match Adapter::request().await {
            Ok(adapter) => adapter.limits(),
            Err(error) => Err(error),
        },
    };
    let opened =
        OpenedSources { model: &source, name: &name, vae: vae.as_ref(), options: &options };
    card(opened, choice.options.low_memory, limits, size).await
}

/// The source of a model, and that of an autoencoder in place of its own.
#[derive(Clone, Copy)]
pub struct OpenedSources<'a> {
    /// The model's.
    pub model: &'a ModelSource,
    /// Its name, if it has none itself.
    pub name: &'a str,
    /// The autoencoder's.
    pub vae: Option<&'a ModelSource>,
    /// Options, with the autoencoder.
    pub options: &'a OpenOptions,
}

/// Describes a model and its requirements on a device with these limits.
pub async fn card(
    opened: OpenedSources<'_>,
    low_memory: bool,
    limits: Result<Limits>,
    size: Option<[u32; 2]>,
) -> Result<Card> {
    let OpenedSources { model: source, name, options, .. } = opened;
    let inspection = runtime::inspect(source, options).await;
    let plan = match &inspection.checkpoint {
        Some(checkpoint) => Some(estimate_plan(opened, checkpoint, low_memory, limits, size).await),
        None => None,
    };
    let own_name =
        inspection.checkpoint.as_ref().map(|checkpoint| checkpoint.model_card.name_or(name));
    // The panel's input shows the location, and the plan the requirements for this device.
    let rows = inspection.rows.into_iter();
    let rows = rows.filter(|(term, _)| !matches!(term, Id::term_where | Id::term_on_gpu));
    let first = inspection.problems.first().filter(|_| plan.is_none());
    let instead = match first {
        Some(problem) => files_instead(source, problem).await,
        None => None,
    };
    let (problems, files) = match instead {
        Some((problem, files)) => (vec![problem], files),
        None => (inspection.problems, Vec::new()),
    };
    Ok(Card {
        name: own_name.unwrap_or_else(|| name.to_string()),
        rows: rows.map(|(term, value)| (Message::plain(term), value)).collect(),
        problems: problems.iter().map(Into::into).collect(),
        plan,
        files,
    })
}

async fn estimate_plan(
    opened: OpenedSources<'_>,
    checkpoint: &Checkpoint,
    low_memory: bool,
    limits: Result<Limits>,
    size: Option<[u32; 2]>,
) -> Plan {
    let size = size.map_or_else(|| checkpoint.native_size(), |size| size.map(|side| side as usize));
    let (limits, unusable) = match limits {
        Ok(limits) => (limits, None),
        Err(error) => (Limits::default(), Some(error)),
    };
    let plan = ModelFootprint::new(checkpoint).plan(size, true, limits);
    let obstacles = match unusable {
        Some(error) => vec![(&error).into()],
        None => plan.blockers.iter().map(|blocker| (&too_large(size, blocker)).into()).collect(),
    };
    let in_turn = low_memory || !plan.all_resident;
    let left = remaining_downloads(opened.model, opened.vae, checkpoint).await;
    let downloaded = match (opened.model, opened.vae) {
        (ModelSource::Picked(_), Some(vae)) if left > 0 => vae,
        (model, _) => model,
    };
    Plan {
        origin: downloaded.origin(left),
        weights: plan.download,
        download: left,
        room: free_bytes().await,
        size: size.map(|side| side as u32),
        memory: plan.scratch + if in_turn { plan.largest_network } else { plan.weights },
        in_turn,
        obstacles,
    }
}

/// Returns the error for an image size that the device cannot do.
fn too_large([width, height]: [usize; 2], blocker: &Blocker) -> Error {
    Error::InvalidRequest {
        field: "size",
        value: Message::verbatim(format!("{width} × {height}")),
        reason: blocker.message(),
    }
}

/// Returns how many bytes of a model and of the autoencoder in place of its own are still to be downloaded.
pub async fn remaining_downloads(
    model: &ModelSource,
    vae: Option<&ModelSource>,
    checkpoint: &Checkpoint,
) -> u64 {
    let own = remaining_download(model, &checkpoint.files(), checkpoint.own_bytes()).await;
    match (vae, &checkpoint.vae) {
        (Some(source), Some(vae)) => {
            own + remaining_download(source, &vae.paths(), vae.bytes).await
        }
        _ => own,
    }
}

/// Returns how many of these bytes are still to be downloaded.
pub async fn remaining_download(source: &ModelSource, files: &[String], weights: u64) -> u64 {
    match source {
        ModelSource::Picked(_) => 0,
        ModelSource::Kept(source) => bytes_to_download(&source.place(), files, weights).await,
    }
}

/// Returns the limits of the CPU device.
pub fn cpu_limits() -> Limits {
    Limits { memory: Some(CPU_MEMORY), ..Limits::default() }
}

/// Converts the page's options for the checkpoint, and reads CLIP's `merges.txt` for a single file.
pub async fn open_options(source: &ModelSource, options: &ModelOptions) -> OpenOptions {
    let clip_merges = match source.single_file() {
        Some(_) => read_merges(options.merges.trim()).await,
        None => None,
    };
    let precision = match options.full_precision {
        true => Precision::Full,
        false => Precision::AsStored,
    };
    OpenOptions {
        precision,
        full_precision: options.full_precision,
        prediction: Prediction::from_name(options.prediction_type.trim()),
        clip_merges,
        vae: None,
    }
}

/// Reads CLIP's `merges.txt` at `address`; without an address, the page's own copy. `None` if it
/// cannot be read: the tokenizer then reports an error where it needs the file.
async fn read_merges(address: &str) -> Option<Vec<u8>> {
    let (folder, file) = match address.rsplit_once('/') {
        Some((folder, file)) => (folder.to_string(), file),
        None => (page_folder()?, "clip/merges.txt"),
    };
    http(folder).read_small(file).await.ok().flatten()
}

/// Returns the address of the page's folder: this program is in a folder of it
/// (`scripts/hash-engine.sh`).
pub fn page_folder() -> Option<String> {
    let here = js_sys::global().dyn_into::<WorkerGlobalScope>().ok()?.location().href();
    Some(web_sys::Url::new_with_base("..", &here).ok()?.href())
}
