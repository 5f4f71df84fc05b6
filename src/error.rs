//! Everything that can go wrong, once: a stable code, what happened, and what the user can do.
//!
//! Library code returns [`Error`]; only the terminal and the page turn it into words on a screen.

mod mismatch;

use std::collections::BTreeMap;
use std::fmt;

use self::mismatch::Mismatch;

/// What went wrong. The text of [`std::fmt::Display`] is one or two sentences for the user:
/// [`Error::what`] happened, then the [`Error::next_step`]. [`Error::code`] is stable and meant for
/// programs, which find what the sentences name in [`Error::details`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// A value of the request cannot be used.
    InvalidRequest {
        /// The field, by its public name (`width`, `num_inference_steps`, …).
        field: &'static str,
        /// What was given.
        value: String,
        /// Why that does not work and what does.
        reason: String,
    },
    /// A file that a checkpoint must have is not there.
    MissingFile {
        /// Path inside the checkpoint.
        path: String,
        /// The folder or address of the checkpoint.
        place: String,
    },
    /// A JSON file of the checkpoint cannot be understood.
    InvalidConfig {
        /// Path inside the checkpoint.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A checkpoint asks for something that Hearth does not do.
    Unsupported {
        /// Path inside the checkpoint, or the part of the program that was asked.
        path: String,
        /// The unsupported thing.
        what: String,
        /// What works instead.
        remedy: String,
    },
    /// Something that is no Stable Diffusion checkpoint, or one in a form that is not read.
    NotACheckpoint {
        /// The file or folder.
        path: String,
        /// What it is.
        found: String,
        /// What was expected, or how to get there.
        remedy: String,
    },
    /// A safetensors file is damaged.
    CorruptWeights {
        /// Path inside the checkpoint.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The tensors of a file are not those that its config describes.
    TensorMismatch {
        /// Path inside the checkpoint.
        path: String,
        /// Tensors the config asks for and the file lacks.
        missing: Vec<String>,
        /// Tensors the file has and the config does not ask for.
        unexpected: Vec<String>,
        /// Tensors with another shape than the config asks for, as `name: expected …, found …`.
        wrong_shape: Vec<String>,
    },
    /// The tokenizer's files cannot be used.
    Tokenizer {
        /// What is wrong.
        reason: String,
    },
    /// A file or folder cannot be read or written.
    Io {
        /// The path as given.
        path: String,
        /// The system's words.
        reason: String,
    },
    /// A download failed.
    Network {
        /// The address.
        url: String,
        /// Status or the browser's words.
        reason: String,
    },
    /// The browser refused to keep weights.
    Storage {
        /// The browser's words, and what the user can do.
        reason: String,
    },
    /// There is no usable GPU.
    NoGpu {
        /// What is missing.
        reason: String,
    },
    /// The GPU failed during a run.
    Gpu {
        /// The driver's words.
        reason: String,
    },
    /// The GPU went away: its driver was restarted, or its process died.
    GpuLost {
        /// The driver's words; may be empty.
        reason: String,
    },
    /// The GPU has no memory left.
    OutOfMemory {
        /// A smaller picture that probably fits, `[width, height]`.
        smaller: Option<[usize; 2]>,
    },
    /// A picture cannot be encoded or decoded.
    Image {
        /// `made`, `written`, `read` or `fitted`.
        action: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The user stopped the run.
    Cancelled,
    /// Something that should not happen.
    Internal {
        /// What was found.
        reason: String,
    },
}

/// The result of everything that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Weights saved by Python's `pickle`: reading them runs whatever program they contain.
    pub fn pickled(path: &str) -> Self {
        Error::NotACheckpoint {
            path: path.to_string(),
            found: "a pickle, which can run any program when it is read, so it is not opened"
                .to_string(),
            remedy: "Get the model as .safetensors; the Hub converts a repository at \
                     huggingface.co/spaces/safetensors/convert"
                .to_string(),
        }
    }

    /// Whether a GPU failed, whose device and memory are then not to be trusted.
    pub fn is_of_gpu(&self) -> bool {
        matches!(self, Error::Gpu { .. } | Error::GpuLost { .. } | Error::OutOfMemory { .. })
    }

    /// A name for programs; it does not change between releases.
    pub fn code(&self) -> &'static str {
        match self {
            Error::InvalidRequest { .. } => "invalid-request",
            Error::MissingFile { .. } => "missing-file",
            Error::InvalidConfig { .. } => "invalid-config",
            Error::Unsupported { .. } => "unsupported",
            Error::NotACheckpoint { .. } => "not-a-checkpoint",
            Error::CorruptWeights { .. } => "corrupt-weights",
            Error::TensorMismatch { .. } => "tensor-mismatch",
            Error::Tokenizer { .. } => "tokenizer",
            Error::Io { .. } => "io",
            Error::Network { .. } => "network",
            Error::Storage { .. } => "storage",
            Error::NoGpu { .. } => "no-gpu",
            Error::Gpu { .. } => "gpu",
            Error::GpuLost { .. } => "gpu-lost",
            Error::OutOfMemory { .. } => "out-of-memory",
            Error::Image { .. } => "image",
            Error::Cancelled => "cancelled",
            Error::Internal { .. } => "internal",
        }
    }

    /// What happened: a sentence.
    pub fn what(&self) -> String {
        match self {
            Error::InvalidRequest { field, value, reason } => {
                format!("{field} is {value}: {reason}.")
            }
            Error::MissingFile { path, place } => format!("{path} is missing in {place}."),
            Error::InvalidConfig { path, reason } => format!("{path} cannot be read: {reason}."),
            Error::Unsupported { path, what, .. } => {
                format!("{path} asks for {what}, which is not supported.")
            }
            Error::NotACheckpoint { path, found, .. } => format!("{path} is {found}."),
            Error::CorruptWeights { path, reason } => format!("{path} is damaged: {reason}."),
            Error::TensorMismatch { path, .. } => {
                format!("{path} does not fit its config: {}.", self.mismatch())
            }
            Error::Tokenizer { reason } => format!("The tokenizer cannot be built: {reason}."),
            Error::Io { path, reason } => format!("{path}: {reason}."),
            Error::Network { url, reason } => format!("{url} could not be fetched: {reason}."),
            Error::Storage { reason } => {
                format!("The browser could not keep the weights: {reason}.")
            }
            Error::NoGpu { reason } => {
                format!("This device cannot run the model on the GPU: {reason}.")
            }
            Error::Gpu { reason } => format!("The GPU failed: {reason}."),
            Error::GpuLost { reason } => match reason.trim().trim_end_matches('.') {
                "" => "The GPU was lost.".to_string(),
                reason => format!("The GPU was lost: {reason}."),
            },
            Error::OutOfMemory { .. } => "The GPU’s memory is full.".to_string(),
            Error::Image { action, reason } => format!("The picture cannot be {action}: {reason}."),
            Error::Cancelled => "Stopped.".to_string(),
            Error::Internal { reason } => format!("Something unexpected happened: {reason}."),
        }
    }

    /// What the user can do: a sentence or two. Empty where what happened says it already: the reason
    /// of a value that cannot be used names those that can, and who stopped a run knows.
    pub fn next_step(&self) -> String {
        let step = match self {
            Error::InvalidRequest { .. } | Error::Image { .. } | Error::Cancelled => "",
            Error::Unsupported { remedy, .. } | Error::NotACheckpoint { remedy, .. } => {
                return format!("{remedy}.");
            }
            Error::MissingFile { .. } => {
                "Check that the checkpoint is complete and in diffusers layout."
            }
            Error::InvalidConfig { .. } => "Fetch this file of the checkpoint again.",
            Error::CorruptWeights { .. } => {
                "Try again to have it fetched anew; if you put it there yourself, replace it."
            }
            Error::TensorMismatch { .. } => {
                "Weights and config.json must come from the same checkpoint."
            }
            Error::Tokenizer { .. } => "Fetch the tokenizer folder of the checkpoint again.",
            Error::Io { .. } => "Check that it exists and may be accessed.",
            Error::Network { .. } => "Check the connection and try again.",
            Error::Storage { .. } => "Until that is done, the model is fetched at every visit.",
            Error::NoGpu { .. } => "Use the CPU device instead.",
            Error::Gpu { .. } => {
                "Reload and try again, choose a smaller size, or use the CPU device."
            }
            Error::GpuLost { .. } => {
                "Try again; if it is lost again, choose a smaller size or use the CPU device."
            }
            Error::OutOfMemory { smaller } => {
                let example = smaller.map_or(String::new(), |[width, height]| {
                    format!(", for instance {width} × {height}")
                });
                return format!(
                    "Choose a smaller size{example}, close other programs and tabs that use the GPU, or use the CPU device."
                );
            }
            Error::Internal { .. } => "Please report it.",
        };
        step.to_string()
    }

    /// What the sentences name, by the names of the variant's fields. A page in another language makes
    /// its own sentences of them.
    pub fn details(&self) -> BTreeMap<&'static str, String> {
        let pairs = match self {
            Error::InvalidRequest { field, value, reason } => {
                vec![("field", *field), ("value", value), ("reason", reason)]
            }
            Error::MissingFile { path, place } => vec![("path", path.as_str()), ("place", place)],
            Error::InvalidConfig { path, reason }
            | Error::CorruptWeights { path, reason }
            | Error::Io { path, reason } => vec![("path", path.as_str()), ("reason", reason)],
            Error::Unsupported { path, what, remedy } => {
                vec![("path", path.as_str()), ("what", what), ("remedy", remedy)]
            }
            Error::NotACheckpoint { path, found, remedy } => {
                vec![("path", path.as_str()), ("found", found), ("remedy", remedy)]
            }
            Error::TensorMismatch { path, .. } => {
                let differences = ("differences", self.mismatch());
                return BTreeMap::from([("path", path.clone()), differences]);
            }
            Error::Network { url, reason } => vec![("url", url.as_str()), ("reason", reason)],
            Error::Image { action, reason } => vec![("action", *action), ("reason", reason)],
            Error::Tokenizer { reason }
            | Error::Storage { reason }
            | Error::NoGpu { reason }
            | Error::Gpu { reason }
            | Error::GpuLost { reason }
            | Error::Internal { reason } => vec![("reason", reason.as_str())],
            Error::OutOfMemory { smaller: Some([width, height]) } => {
                return BTreeMap::from([
                    ("width", width.to_string()),
                    ("height", height.to_string()),
                ]);
            }
            Error::OutOfMemory { smaller: None } | Error::Cancelled => Vec::new(),
        };
        pairs.into_iter().map(|(name, value)| (name, value.to_string())).collect()
    }

    fn mismatch(&self) -> String {
        match self {
            Error::TensorMismatch { missing, unexpected, wrong_shape, .. } => {
                Mismatch { missing, unexpected, wrong_shape }.to_string()
            }
            _ => String::new(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&joined(&self.what(), &self.next_step()))
    }
}

impl std::error::Error for Error {}

/// What happened and what to do, as one text.
pub fn joined(what: &str, next_step: &str) -> String {
    [what, next_step].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
