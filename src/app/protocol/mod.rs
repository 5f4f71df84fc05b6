//! What page and worker say to each other: plain data, posted as structured clones.

mod library;
mod model;
mod recipe;
mod request;
mod said;
mod shared;
mod start;

use serde::{Deserialize, Serialize};

pub use self::library::{Kept, Library};
pub use self::model::{Card, Choice, ModelOptions, Origin, Place, Plan};
pub use self::recipe::{ModelName, Recipe};
pub use self::request::GenerateRequest;
pub use self::said::{Fault, Remark, Stage};
pub use self::shared::Shared;
pub use self::start::{Score, Scores, Start};
use crate::image::{Fit, RgbImage};
use crate::params::GenerationParams;

/// Page → worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Command {
    /// Load a model onto `device`. The answer is a row of [`Report::Downloading`] and
    /// [`Report::Preparing`], then [`Report::Ready`], [`Report::Asking`], [`Report::Stopped`] or
    /// [`Report::Failed`]. May be said again, with another model or device or after a failure. The
    /// files of a picked model travel beside this (see `message`).
    Open {
        /// Which model.
        choice: Choice,
        /// Where to run.
        device: DeviceChoice,
        /// The user has seen what it takes. Else a large download is not begun.
        consent: bool,
    },
    /// End the download of a model; what has arrived is kept.
    StopDownload,
    /// Say what a model is and what it takes, and load nothing. The answer is [`Report::Inspected`]
    /// or [`Report::NotInspected`]; none if another inspection was asked for meanwhile.
    Inspect {
        /// The page's number for this question.
        id: u32,
        /// Which model.
        choice: Choice,
        /// Where it would run.
        device: DeviceChoice,
        /// The picture's size, pixels, if it is not to be the model's own.
        size: Option<[u32; 2]>,
    },
    /// Say whether the loaded model can make pictures of this size. The answer is
    /// [`Report::Weighed`].
    Weigh {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
        /// Whether there is guidance.
        guides: bool,
    },
    /// Make a picture. The answer ends in [`Report::Done`], [`Report::Cancelled`] or
    /// [`Report::Failed`] with the same `id`.
    Generate {
        /// The page's number for this run.
        id: u32,
        /// What to make.
        request: GenerateRequest,
    },
    /// Stop run `id` at its next block boundary.
    Cancel {
        /// The page's number for the run.
        id: u32,
    },
    /// Say how the picture was made whose file travels beside this. The answer is
    /// [`Report::Recipe`].
    Recipe {
        /// The page's number for this question.
        id: u32,
    },
    /// Read the picture that travels beside this, and fit it to a size. The answer is
    /// [`Report::ImageFitted`] or [`Report::NotFitted`]; none if the page has asked about its picture
    /// again meanwhile.
    FitImage {
        /// The page's number for this question.
        id: u32,
        /// The page's number for the picture, which is then not read again when another size is asked
        /// for. Absent: it will not be asked for again.
        #[serde(default)]
        picture: Option<u32>,
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
        /// What happens to a picture of another shape.
        fit: Fit,
    },
    /// Read the picture that travels beside this, and fit it to a size as a mask. The answer is
    /// [`Report::MaskFitted`] or [`Report::NotFitted`].
    FitMask {
        /// The page's number for this question.
        id: u32,
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
        /// What happens to a picture of another shape.
        fit: Fit,
    },
    /// Say what this browser keeps. The answer is [`Report::Library`].
    Library,
    /// Remove a kept model. The answer is [`Report::Library`].
    Remove {
        /// Its address, or its name on the Hub.
        place: String,
    },
    /// Remove all kept models. The answer is [`Report::Library`].
    RemoveAll,
    /// Check every byte of a kept model. The answer is [`Report::Verified`], then
    /// [`Report::Library`].
    Verify {
        /// Its address.
        place: String,
    },
}

/// Where the model runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceChoice {
    /// WebGPU; if it is not usable the worker answers [`Report::Failed`] with `offer_cpu`.
    Webgpu,
    /// The CPU, in WebAssembly.
    Cpu,
}

/// Worker → page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Report {
    /// The worker's program runs and listens.
    Listening {
        /// The lock that it holds as long as it lives; empty where a browser has no locks.
        life: String,
    },
    /// Weights are arriving.
    Downloading {
        /// Bytes so far, of all files.
        received: u64,
        /// Bytes in all.
        total: u64,
        /// Where they come from.
        origin: Origin,
    },
    /// Another tab downloads the same model; this one waits for it.
    Elsewhere,
    /// Something without a measure is under way.
    Preparing {
        /// What.
        stage: Stage,
    },
    /// A large download was not begun: the user shall see first what it takes.
    Asking {
        /// What it is.
        card: Card,
        /// Whether the model that was loaded before still is.
        model_stays: bool,
    },
    /// The download was stopped. What has arrived is kept.
    Stopped {
        /// Whether the model that was loaded before still is.
        model_stays: bool,
    },
    /// What a model is and what it takes.
    Inspected {
        /// The question.
        id: u32,
        /// The answer.
        card: Card,
    },
    /// A model could not be looked at.
    NotInspected {
        /// The question.
        id: u32,
        /// Why.
        fault: Fault,
    },
    /// How a picture was made.
    Recipe {
        /// The question.
        id: u32,
        /// What its file tells; absent if it tells nothing.
        recipe: Option<Recipe>,
    },
    /// A picture, fitted.
    ImageFitted {
        /// The question.
        id: u32,
        /// Its own width and height, pixels.
        own_size: [u32; 2],
        /// Its pixels at the size that was asked for.
        image: Pixels,
    },
    /// A mask, fitted.
    MaskFitted {
        /// The question.
        id: u32,
        /// A byte for each pixel, `[height, width]`: 255 where the picture is bright, else 0.
        #[serde(with = "serde_bytes")]
        mask: Vec<u8>,
    },
    /// A picture could not be read or fitted.
    NotFitted {
        /// The question.
        id: u32,
        /// Why.
        fault: Fault,
    },
    /// Whether the loaded model can make pictures of this size.
    Weighed {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
        /// Why not, and what would help; absent if it can.
        obstacle: Option<Fault>,
    },
    /// What this browser keeps.
    Library {
        /// All of it.
        library: Library,
    },
    /// Something could not be done with a kept model, or with all of them.
    LibraryFailed {
        /// Why.
        fault: Fault,
    },
    /// A kept model is being checked.
    Checking {
        /// Its address.
        place: String,
        /// How much of it is done.
        percent: u32,
    },
    /// A kept model was checked.
    Verified {
        /// Its address.
        place: String,
        /// How many bytes were damaged or gone; they are fetched again when it is opened next.
        damaged: u64,
    },
    /// The model is loaded.
    Ready {
        /// What the page's form starts from.
        model: Box<ModelSheet>,
        /// Where it runs, for people (`WebGPU · SwiftShader`, `CPU`).
        device: String,
        /// What it takes there.
        memory: Memory,
    },
    /// The picture that a run begins with is being encoded.
    Encoding {
        /// The run.
        id: u32,
    },
    /// One denoising step is done.
    Step {
        /// The run.
        id: u32,
        /// How many steps are done, from 1.
        done: u32,
        /// How many there are.
        total: u32,
        /// The picture so far, small; absent where the model has no cheap projection.
        preview: Option<Pixels>,
    },
    /// All steps are done, the latents are being decoded.
    Decoding {
        /// The run.
        id: u32,
        /// How many parts of that are done.
        done: u32,
        /// How many there are, if that is known; else 0.
        total: u32,
    },
    /// Something the user should know but that stops nothing (a truncated prompt, a full disk).
    Note {
        /// The run, if it belongs to one.
        id: Option<u32>,
        /// What.
        remark: Remark,
    },
    /// The picture.
    Done {
        /// The run.
        id: u32,
        /// The pixels.
        picture: Pixels,
        /// The same as a PNG file with the recipe in its metadata.
        #[serde(with = "serde_bytes")]
        png: Vec<u8>,
        /// How long it took.
        seconds: f64,
        /// How near the part that was painted anew is to the picture it was painted over; absent
        /// without a mask.
        scores: Option<Scores>,
    },
    /// The run was stopped.
    Cancelled {
        /// The run.
        id: u32,
    },
    /// Something went wrong.
    Failed {
        /// The run, if it was one.
        id: Option<u32>,
        /// What.
        fault: Fault,
        /// Whether the CPU device would do instead.
        offer_cpu: bool,
        /// Whether a model is loaded all the same.
        model_stays: bool,
    },
    /// The worker's program broke and answers no more.
    Died {
        /// What is known of it.
        fault: Fault,
    },
}

/// A loaded model, as the form needs it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelSheet {
    /// Its name.
    pub name: String,
    /// Where it is: an absolute address, or the name of what was picked.
    pub place: String,
    /// What tells it from other models.
    pub identity: ModelName,
    /// What a picture is made with where nothing is said: its example, its usual settings, its own size.
    pub defaults: GenerationParams,
    /// All schedulers: terminal name and a name for people.
    pub schedulers: Vec<(String, String)>,
}

/// What a loaded model takes, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// Of WebAssembly; it never shrinks, so this was the most while loading.
    pub heap: u64,
    /// Of the GPU, with what its pools hold in reserve; absent on the CPU.
    pub gpu: Option<u64>,
    /// The weights in the device's number format.
    pub weights: u64,
}

/// An RGBA picture, `[height, width, 4]`, row by row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pixels {
    /// Pixels per row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// The bytes.
    #[serde(with = "serde_bytes")]
    pub rgba: Vec<u8>,
}

impl Pixels {
    /// Returns a picture with an opaque alpha channel.
    pub fn of(image: &RgbImage) -> Self {
        Pixels { width: image.width as u32, height: image.height as u32, rgba: image.to_rgba() }
    }
}
