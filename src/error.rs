//! Everything that can go wrong, once: a stable code, what happened, and what the user can do.
//!
//! Library code returns [`Error`]; only the terminal and the page turn it into words on a screen.

use std::fmt;

/// What went wrong. The text of [`std::fmt::Display`] is one or two sentences for the user: what
/// happened, then the remedy. [`Error::code`] is stable and meant for programs.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A value of the request cannot be used.
    #[error("{field} is {value}: {reason}.")]
    InvalidRequest {
        /// The field, by its public name (`width`, `num_inference_steps`, …).
        field: &'static str,
        /// What was given.
        value: String,
        /// Why that does not work and what does.
        reason: String,
    },
    /// A file that a checkpoint must have is not there.
    #[error(
        "{path} is missing in {place}. Check that the checkpoint is complete and in diffusers layout."
    )]
    MissingFile {
        /// Path inside the checkpoint.
        path: String,
        /// The folder or address of the checkpoint.
        place: String,
    },
    /// A JSON file of the checkpoint cannot be understood.
    #[error("{path} cannot be read: {reason}. Fetch this file of the checkpoint again.")]
    InvalidConfig {
        /// Path inside the checkpoint.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A checkpoint asks for something that Hearth does not do.
    #[error("{path} asks for {what}, which is not supported. {remedy}.")]
    Unsupported {
        /// Path inside the checkpoint, or the part of the program that was asked.
        path: String,
        /// The unsupported thing.
        what: String,
        /// What works instead.
        remedy: String,
    },
    /// Something that is no Stable Diffusion checkpoint, or one in a form that is not read.
    #[error("{path} is {found}. {remedy}.")]
    NotACheckpoint {
        /// The file or folder.
        path: String,
        /// What it is.
        found: String,
        /// What was expected, or how to get there.
        remedy: String,
    },
    /// A safetensors file is damaged.
    #[error(
        "{path} is damaged: {reason}. Try again to have it fetched anew; if you put it there yourself, replace it."
    )]
    CorruptWeights {
        /// Path inside the checkpoint.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The tensors of a file are not those that its config describes.
    #[error("{path} does not fit its config: {}. Weights and config.json must come from the same checkpoint.", Mismatch { missing, unexpected, wrong_shape })]
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
    #[error(
        "The tokenizer cannot be built: {reason}. Fetch the tokenizer folder of the checkpoint again."
    )]
    Tokenizer {
        /// What is wrong.
        reason: String,
    },
    /// A file or folder cannot be read or written.
    #[error("{path}: {reason}. Check that it exists and may be accessed.")]
    Io {
        /// The path as given.
        path: String,
        /// The system's words.
        reason: String,
    },
    /// A download failed.
    #[error("{url} could not be fetched: {reason}. Check the connection and try again.")]
    Network {
        /// The address.
        url: String,
        /// Status or the browser's words.
        reason: String,
    },
    /// The browser refused to keep weights.
    #[error(
        "The browser could not keep the weights: {reason}. Until that is done, the model is fetched at every visit."
    )]
    Storage {
        /// The browser's words, and what the user can do.
        reason: String,
    },
    /// There is no usable GPU.
    #[error("This device cannot run the model on the GPU: {reason}. Use the CPU device instead.")]
    NoGpu {
        /// What is missing.
        reason: String,
    },
    /// The GPU failed during a run.
    #[error(
        "The GPU failed: {reason}. Reload and try again, choose a smaller size, or use the CPU device."
    )]
    Gpu {
        /// The driver's words.
        reason: String,
    },
    /// The GPU went away: its driver was restarted, or its process died.
    #[error(
        "The GPU was lost{}. Try again; if it is lost again, choose a smaller size or use the CPU device.",
        Because(reason)
    )]
    GpuLost {
        /// The driver's words; may be empty.
        reason: String,
    },
    /// The GPU has no memory left.
    #[error(
        "The GPU’s memory is full. {} Close other programs and tabs that use the GPU, or use the CPU device.",
        Smaller(*smaller)
    )]
    OutOfMemory {
        /// A smaller picture that probably fits, `[width, height]`.
        smaller: Option<[usize; 2]>,
    },
    /// A picture cannot be encoded or decoded.
    #[error("The picture cannot be {action}: {reason}.")]
    Image {
        /// `made`, `written` or `read`.
        action: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The user stopped the run.
    #[error("Stopped.")]
    Cancelled,
    /// Something that should not happen.
    #[error("Something unexpected happened: {reason}. Please report it.")]
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
}

/// A reason, if there is one.
struct Because<'a>(&'a str);

impl fmt::Display for Because<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.trim().trim_end_matches('.') {
            "" => Ok(()),
            reason => write!(f, ": {reason}"),
        }
    }
}

/// Advice to choose a smaller size.
struct Smaller(Option<[usize; 2]>);

impl fmt::Display for Smaller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some([width, height]) => {
                write!(f, "Choose a smaller size, for instance {width} × {height}.")
            }
            None => write!(f, "Choose a smaller size."),
        }
    }
}

/// Names the first few tensors of each kind: a wrong file can differ in hundreds.
struct Mismatch<'a> {
    missing: &'a [String],
    unexpected: &'a [String],
    wrong_shape: &'a [String],
}

impl fmt::Display for Mismatch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 3;
        let kinds = [
            ("missing", self.missing),
            ("unexpected", self.unexpected),
            ("wrong shape", self.wrong_shape),
        ];
        let mut separator = "";
        for (kind, names) in kinds.into_iter().filter(|(_, names)| !names.is_empty()) {
            write!(
                f,
                "{separator}{} {kind} ({}",
                names.len(),
                names[..names.len().min(SHOWN)].join("; ")
            )?;
            if names.len() > SHOWN {
                write!(f, "; …")?;
            }
            write!(f, ")")?;
            separator = ", ";
        }
        Ok(())
    }
}
