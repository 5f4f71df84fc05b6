//! What a model is and what it takes, before anything of it is loaded.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::WorkerGlobalScope;

use super::Worker;
use super::call::Call;
use super::library::{left, room};
use super::source::{ModelSource, Named};
use crate::app::gpu::Adapter;
use crate::app::message::PickedFile;
use crate::app::protocol::{Card, Choice, DeviceChoice, ModelOptions, Plan, Response};
use crate::error::{Error, Id, Message, Result};
use crate::families::Checkpoint;
use crate::runtime::{self, Blocker, Limits, ModelFootprint};
use crate::weights::browser::http;
use crate::weights::{OpenOptions, Precision, Prediction, Source};

/// WebAssembly's memory ends at 4 GiB; the program itself and a tensor on its way need some of it.
const CPU_MEMORY: u64 = 7 << 29;

/// Answers [`Inspect`](crate::app::protocol::Command::Inspect).
pub async fn inspect(
    call: &Call,
    choice: &Choice,
    files: Vec<PickedFile>,
    device: DeviceChoice,
    size: Option<[u32; 2]>,
) -> Response {
    match call.until_cancelled(look(choice, files, device, size)).await {
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

    /// Why the loaded model cannot make a picture of this size here.
    pub fn obstacle(&self, size: [usize; 2], guides: bool) -> Option<Error> {
        let scales = self.scales.borrow();
        let (scales, limits) = scales.as_ref()?;
        let plan = scales.plan(size, guides, *limits);
        plan.blockers.first().map(|blocker| too_large(size, blocker))
    }
}

async fn look(
    choice: &Choice,
    files: Vec<PickedFile>,
    device: DeviceChoice,
    size: Option<[u32; 2]>,
) -> Result<Card> {
    let Named { source, name } = Named::open(choice, files, Rc::new(|_| {})).await?;
    let limits = match device {
        DeviceChoice::Cpu => Ok(cpu_limits()),
        DeviceChoice::Webgpu => match Adapter::request().await {
            Ok(adapter) => adapter.limits(),
            Err(error) => Err(error),
        },
    };
    card(&source, &name, &choice.options, limits, size).await
}

/// What the model at `source` is, and what it takes on a device with these limits. `name`: until it
/// says its own.
pub async fn card(
    source: &ModelSource,
    name: &str,
    options: &ModelOptions,
    limits: Result<Limits>,
    size: Option<[u32; 2]>,
) -> Result<Card> {
    let inspection = runtime::inspect(source, &open_options(source, options).await).await;
    let plan = match &inspection.checkpoint {
        Some(checkpoint) => Some(weigh(source, checkpoint, options, limits, size).await),
        None => None,
    };
    let own_name = inspection.checkpoint.as_ref().map(|checkpoint| model_name(checkpoint, name));
    // Where it is, is in the field; what the device must give is in the plan, for this device.
    let rows = inspection.rows.into_iter();
    let rows = rows.filter(|(term, _)| !matches!(term, Id::term_where | Id::term_on_gpu));
    Ok(Card {
        name: own_name.unwrap_or_else(|| name.to_string()),
        rows: rows.map(|(term, value)| (Message::plain(term), value)).collect(),
        problems: inspection.problems.iter().map(Into::into).collect(),
        plan,
    })
}

async fn weigh(
    source: &ModelSource,
    checkpoint: &Checkpoint,
    options: &ModelOptions,
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
    let in_turn = options.low_memory || !plan.all_resident;
    let left = left_of(source, &checkpoint.files(), plan.download).await;
    Plan {
        origin: source.origin(left),
        weights: plan.download,
        download: left,
        room: room().await,
        size: size.map(|side| side as u32),
        memory: plan.scratch + if in_turn { plan.largest_network } else { plan.weights },
        in_turn,
        obstacles,
    }
}

/// A picture of this size is more than the device can do.
fn too_large([width, height]: [usize; 2], blocker: &Blocker) -> Error {
    Error::InvalidRequest {
        field: "size",
        value: Message::verbatim(format!("{width} × {height}")),
        reason: blocker.message(),
    }
}

/// How many of these bytes are yet to be downloaded.
pub async fn left_of(source: &ModelSource, files: &[String], weights: u64) -> u64 {
    match source {
        ModelSource::Picked(_) => 0,
        ModelSource::Kept(source) => left(&source.place(), files, weights).await,
    }
}

/// What the checkpoint calls itself, else `otherwise`.
pub fn model_name(checkpoint: &Checkpoint, otherwise: &str) -> String {
    match checkpoint.model_card.name.as_str() {
        "" => otherwise.to_string(),
        name => name.to_string(),
    }
}

/// What the CPU gives.
pub fn cpu_limits() -> Limits {
    Limits { memory: Some(CPU_MEMORY), ..Limits::default() }
}

/// The page's wishes as the checkpoint takes them, and what a single file lacks.
pub async fn open_options(source: &ModelSource, options: &ModelOptions) -> OpenOptions {
    let clip_merges = match source.single_file() {
        Some(_) => merges(options.merges.trim()).await,
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
    }
}

/// CLIP's `merges.txt` at `address`, or without one as it ships with the page. Whoever cannot do
/// without it says so.
async fn merges(address: &str) -> Option<Vec<u8>> {
    let (folder, file) = match address.rsplit_once('/') {
        Some((folder, file)) => (folder.to_string(), file),
        None => (own_folder()?, "clip/merges.txt"),
    };
    http(folder).read_small(file).await.ok().flatten()
}

/// The address of the page's folder: this program lies in a folder of it (`scripts/hash-engine.sh`).
pub fn own_folder() -> Option<String> {
    let here = js_sys::global().dyn_into::<WorkerGlobalScope>().ok()?.location().href();
    Some(web_sys::Url::new_with_base("..", &here).ok()?.href())
}
