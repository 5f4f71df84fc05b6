//! Model selection, description and requirements.

use serde::{Deserialize, Serialize};

use super::adapter::AdapterCard;
use super::metadata::ModelName;
use super::status::ErrorReport;
use super::tagged::tagged;
use crate::error::Message;
use crate::params::{AdapterUse, GenerationParams};

/// A selected model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ModelChoice {
    /// Its location.
    pub place: Place,
    /// Location of an autoencoder (VAE) in place of its own: a file, a folder or repository in diffusers layout,
    /// or a whole model. The files of a picked one are attached as `vae_files`.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub vae: Option<Place>,
    /// Its options.
    pub options: ModelOptions,
}

/// Memory limit for models on the CPU: WebAssembly's 4 GiB, less 512 MiB for the program and a
/// tensor that is being read.
pub const CPU_MEMORY: u64 = 7 << 29;

/// Location of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(tag = "kind"))]
#[serde(remote = "Self", rename_all = "kebab-case")]
pub enum Place {
    /// An address or a repository of the Hub.
    Address {
        /// The text as typed.
        text: String,
        /// Base of a relative address.
        base: String,
    },
    /// Files that are attached to the message.
    Picked {
        /// Name of the folder or file.
        name: String,
    },
}

tagged!("kind": Place);

/// Options that a model's files do not determine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ModelOptions {
    /// Prediction type, `epsilon` or `v_prediction`, for files that do not state it; empty for
    /// automatic.
    pub prediction_type: String,
    /// Use f32 weights where both f32 and f16 exist.
    pub full_precision: bool,
    /// Load each network only when it is needed, even if all would fit.
    pub low_memory: bool,
    /// Address of a tiny autoencoder for previews; empty for none.
    pub preview: String,
    /// Address of CLIP's `merges.txt`, which single files lack; empty for the page's own copy.
    #[serde(default)]
    pub merges: String,
}

/// Description of a model and its requirements.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Card {
    /// Its name.
    pub name: String,
    /// The description, as terms and values.
    #[cfg_attr(test, ts(type = "[Message, Message][]"))]
    pub rows: Vec<(Message, Message)>,
    /// Errors and inconsistencies in its files.
    pub problems: Vec<ErrorReport>,
    /// Its requirements; absent if the model cannot be used at all.
    #[cfg_attr(test, ts(optional))]
    pub plan: Option<Plan>,
    /// The files of weights in a repository that is itself no model, whole checkpoints first.
    #[serde(default)]
    pub files: Vec<FileChoice>,
}

/// A file of weights in a repository.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FileChoice {
    /// Its path there.
    pub path: String,
    /// What to ask for to look at it.
    pub address: String,
    /// Its kind, as far as its name tells.
    pub kind: FileChoiceKind,
    /// The kind for users.
    #[cfg_attr(test, ts(type = "Message"))]
    pub label: Message,
}

/// Kind of a file of weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum FileChoiceKind {
    /// Probably a whole checkpoint.
    Checkpoint,
    /// A LoRA.
    Lora,
    /// A part of a model.
    Part,
    /// Quantised weights in GGUF.
    Gguf,
    /// Weights that are not safetensors.
    Other,
}

/// Requirements of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Plan {
    /// The source of its weights.
    pub origin: Origin,
    /// Bytes of all weights, as stored in their files.
    pub weights: u64,
    /// Bytes that are still to be downloaded.
    pub download: u64,
    /// Bytes that are still free for this site, if the browser reports it.
    #[cfg_attr(test, ts(optional))]
    pub room: Option<u64>,
    /// Image size that memory and obstacles refer to, `[width, height]` in pixels.
    pub size: [u32; 2],
    /// Estimated device memory, bytes.
    pub memory: u64,
    /// Whether each network is loaded only when it is needed.
    pub in_turn: bool,
    /// The reasons why this device cannot run it, with remedies. Empty: it can.
    pub obstacles: Vec<ErrorReport>,
}

/// Source of weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// A server.
    Network,
    /// The browser's storage.
    Browser,
    /// Another tab, which downloads the same model.
    Tab,
    /// Files that the user picked.
    Disk,
}

/// A loaded model, as the form needs it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ModelSheet {
    /// Its name.
    pub name: String,
    /// Its location: an absolute address, or the name of the picked file or folder.
    pub place: String,
    /// Its identity, for comparison with other models.
    pub identity: ModelName,
    /// The model's default parameters: its example, its recommended settings, its native size.
    #[cfg_attr(test, ts(type = "Partial<GenerationParams>"))]
    pub defaults: GenerationParams,
    /// The adapter that comes with it and is in effect unless it is switched off; its suggestion replaces
    /// `defaults` while it is.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub adapter: Option<AdapterCard>,
    /// The schedulers that go with it: name in the terminal, and display name.
    pub schedulers: Vec<(String, String)>,
    /// Largest number of layers that its text encoders can leave out (`clip_skip`).
    pub most_clip_skip: usize,
}

impl ModelSheet {
    /// Returns the default parameters of pictures with these adapters.
    pub fn defaults_with(&self, uses: &[AdapterUse]) -> GenerationParams {
        let own = self.adapter.iter().filter(|own| uses.iter().any(|used| used.name == own.name));
        let params = own.filter_map(|own| own.suggestion.as_ref()).map(|fast| &fast.params);
        params.fold(self.defaults.clone(), GenerationParams::with)
    }
}

/// Memory use of a loaded model, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Memory {
    /// WebAssembly memory; it never shrinks, so this is the peak of loading.
    pub heap: u64,
    /// GPU memory, including free pool pages; absent on the CPU.
    #[cfg_attr(test, ts(optional))]
    pub gpu: Option<u64>,
    /// Weights in the device's number format.
    pub weights: u64,
}
