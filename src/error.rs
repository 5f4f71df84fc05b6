//! Everything that can go wrong, once: a stable code, what happened, and what the user can do.
//!
//! Library code returns [`Error`]. Its sentences are [`Message`]s, which the terminal shows in English and
//! the page in its own language.

#[macro_use]
mod english;

pub mod checks;
pub mod chinese;
#[cfg(feature = "engine")]
pub mod json;
mod message;
pub mod messages;
mod mismatch;
mod names;

use std::collections::BTreeMap;
use std::fmt;

pub use self::message::{Catalogue, ENGLISH, Id, Message, Number, Text, fill};
pub use self::names::{action_name, field_name, setting_name};

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
        value: Message,
        /// Why that does not work and what does.
        reason: Message,
    },
    /// A file that a checkpoint must have is not there.
    MissingFile {
        /// Path inside the checkpoint.
        path: String,
        /// The folder or address of the checkpoint.
        place: Message,
    },
    /// A JSON file of the checkpoint cannot be understood.
    InvalidConfig {
        /// Path inside the checkpoint.
        path: String,
        /// What is wrong with it.
        reason: Message,
    },
    /// A checkpoint asks for something that Hearth does not do.
    Unsupported {
        /// Path inside the checkpoint, or the part of the program that was asked.
        path: String,
        /// The unsupported thing.
        what: Message,
        /// What works instead.
        remedy: Message,
    },
    /// A model is more than this browser's CPU can run.
    BeyondCpu {
        /// What it lacks, and what would help.
        reason: Message,
    },
    /// Something that is no Stable Diffusion checkpoint, or one in a form that is not read.
    NotACheckpoint {
        /// The file or folder.
        path: String,
        /// What it is.
        found: Message,
        /// What was expected, or how to get there.
        remedy: Message,
    },
    /// A safetensors file is damaged.
    CorruptWeights {
        /// Path inside the checkpoint.
        path: String,
        /// What is wrong with it.
        reason: Message,
    },
    /// The tensors of a file are not those that its config describes.
    TensorMismatch {
        /// Path inside the checkpoint.
        path: String,
        /// Tensors the config asks for and the file lacks.
        missing: Vec<String>,
        /// Tensors the file has and the config does not ask for.
        unexpected: Vec<String>,
        /// Tensors with another shape than the config asks for ([`messages::shape_differs`]).
        wrong_shape: Vec<Message>,
    },
    /// The tokenizer's files cannot be used.
    Tokenizer {
        /// What is wrong.
        reason: Message,
    },
    /// A file or folder cannot be read or written.
    Io {
        /// The path as given.
        path: String,
        /// The system's words.
        reason: Message,
    },
    /// A download failed.
    Network {
        /// The address.
        url: String,
        /// Status or the browser's words.
        reason: Message,
    },
    /// The browser refused to keep weights.
    Storage {
        /// The browser's words, and what the user can do.
        reason: Message,
    },
    /// There is no usable GPU.
    NoGpu {
        /// What is missing.
        reason: Message,
    },
    /// The GPU failed during a run.
    Gpu {
        /// The driver's words.
        reason: Message,
    },
    /// The GPU went away: its driver was restarted, or its process died.
    GpuLost {
        /// The driver's words; may be empty.
        reason: Message,
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
        reason: Message,
    },
    /// The user stopped the run.
    Cancelled,
    /// Something that should not happen.
    Internal {
        /// What was found.
        reason: Message,
    },
}

/// The result of everything that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Weights saved by Python's `pickle`: reading them runs whatever program they contain.
    pub fn pickled(path: &str) -> Self {
        let (found, remedy) = (messages::pickle(), messages::get_converted());
        Error::NotACheckpoint { path: path.to_string(), found, remedy }
    }

    /// An operation of the system on a file or folder that failed.
    pub fn of_system(path: impl fmt::Display, error: &std::io::Error) -> Self {
        use std::io::ErrorKind;
        let reason = match error.kind() {
            ErrorKind::NotFound => messages::no_such_place(),
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                messages::access_denied()
            }
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => messages::no_space_left(),
            ErrorKind::IsADirectory => messages::is_a_folder(),
            _ => messages::system_fault(error.to_string()),
        };
        Error::Io { path: path.to_string(), reason }
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
            Error::Unsupported { .. } | Error::BeyondCpu { .. } => "unsupported",
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
    pub fn message(&self) -> Message {
        match self {
            Error::InvalidRequest { field, value, reason } => {
                messages::error_invalid_request(field_name(field), value.clone(), reason.clause())
            }
            Error::MissingFile { path, place } => match place.id() {
                Some(Id::address_of_page) => messages::error_page_instead(place.to_string(), path),
                _ => messages::error_missing_file(path, place.clone()),
            },
            Error::InvalidConfig { path, reason } => {
                messages::error_invalid_config(path, reason.clause())
            }
            Error::Unsupported { path, what, .. } => {
                messages::error_unsupported(path, what.clone())
            }
            Error::BeyondCpu { reason } => messages::error_beyond_cpu(reason.clone()),
            Error::NotACheckpoint { path, found, .. } => {
                messages::error_not_a_checkpoint(path, found.clone())
            }
            Error::CorruptWeights { path, reason } => {
                messages::error_corrupt_weights(path, reason.clause())
            }
            Error::TensorMismatch { path, missing, unexpected, wrong_shape } => {
                let differences = mismatch::differences(missing, unexpected, wrong_shape);
                match is_single_file(path) {
                    true => messages::error_file_mismatch(path, differences),
                    false => messages::error_tensor_mismatch(path, differences),
                }
            }
            Error::Tokenizer { reason } => messages::error_tokenizer(reason.clause()),
            Error::Io { path, reason } => messages::error_io(path, reason.clause()),
            Error::Network { url, reason } => messages::error_network(url, reason.clause()),
            Error::Storage { reason } => messages::error_storage(reason.clause()),
            Error::NoGpu { reason } => messages::error_no_gpu(reason.clause()),
            Error::Gpu { reason } => messages::error_gpu(reason.clause()),
            Error::GpuLost { reason } => match reason.clause() {
                reason if reason.is_empty() => messages::error_gpu_lost(),
                reason => messages::error_gpu_lost_because(reason),
            },
            Error::OutOfMemory { .. } => messages::error_out_of_memory(),
            Error::Image { action, reason } => {
                messages::error_image(action_name(action), reason.clause())
            }
            Error::Cancelled => messages::error_cancelled(),
            Error::Internal { reason } => messages::error_internal(reason.clause()),
        }
    }

    /// What the user can do: a sentence or two. None where the message says it already: the reason of a
    /// value that cannot be used names those that can, and a user who stopped a run knows it.
    pub fn advice(&self) -> Option<Message> {
        Some(match self {
            Error::InvalidRequest { .. }
            | Error::BeyondCpu { .. }
            | Error::Image { .. }
            | Error::Cancelled => return None,
            Error::Unsupported { remedy, .. } | Error::NotACheckpoint { remedy, .. } => {
                messages::next_remedy(remedy.clone())
            }
            Error::MissingFile { path, place } => next_of_missing(path, place),
            Error::InvalidConfig { .. } => messages::next_invalid_config(),
            Error::CorruptWeights { reason, .. } => match reason.id() {
                Some(Id::tensor_not_finite) => messages::next_tensor_not_finite(),
                _ => messages::next_corrupt_weights(),
            },
            Error::TensorMismatch { path, .. } if is_single_file(path) => {
                messages::next_file_mismatch()
            }
            Error::TensorMismatch { .. } => messages::next_tensor_mismatch(),
            Error::Tokenizer { .. } => messages::next_tokenizer(),
            Error::Io { reason, .. } => next_of_file(reason)?,
            Error::Network { reason, .. } => next_of_network(reason),
            Error::Storage { .. } => messages::next_storage(),
            Error::NoGpu { .. } => messages::next_no_gpu(),
            Error::Gpu { .. } => messages::next_gpu(),
            Error::GpuLost { .. } => messages::next_gpu_lost(),
            Error::OutOfMemory { smaller: None } => messages::next_out_of_memory(),
            Error::OutOfMemory { smaller: Some([width, height]) } => {
                messages::next_smaller(*width, *height)
            }
            Error::Internal { .. } => messages::next_internal(),
        })
    }

    /// The message in English.
    pub fn what(&self) -> String {
        self.message().to_string()
    }

    /// The advice in English; may be empty.
    pub fn next_step(&self) -> String {
        self.advice().map_or(String::new(), |advice| advice.to_string())
    }

    /// What the sentences name, in English, by the names of their parameters.
    pub fn details(&self) -> BTreeMap<&'static str, String> {
        let sentences = [Some(self.message()), self.advice()];
        let named = |(name, value): (&'static str, &Message)| (name, value.to_string());
        sentences.iter().flatten().flat_map(|sentence| sentence.arguments().map(named)).collect()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&joined(&self.message(), self.advice().as_ref(), &ENGLISH))
    }
}

impl std::error::Error for Error {}

/// What helps depends on the fault of the system: a full disk is not to be looked for.
fn next_of_file(reason: &Message) -> Option<Message> {
    match reason.id() {
        Some(Id::no_space_left) => Some(messages::next_free_space()),
        Some(Id::access_denied) => Some(messages::next_permission()),
        Some(Id::is_a_folder) => Some(messages::next_folder()),
        Some(Id::system_fault) => Some(messages::next_system()),
        // These say it themselves.
        Some(
            Id::on_the_hub
            | Id::on_the_web
            | Id::on_civitai
            | Id::only_png
            | Id::no_utf8
            | Id::one_picture_to_stdout
            | Id::stdout_is_terminal
            | Id::no_prompt_in_it,
        ) => None,
        _ => Some(messages::next_io()),
    }
}

/// Where the index of a folder or the single file itself is missing, it is the address that is wrong, and not the checkpoint incomplete.
fn next_of_missing(path: &str, place: &Message) -> Message {
    match place.id() {
        Some(Id::address_of_page) if is_single_file(path) => messages::next_page_instead(),
        Some(Id::address_without_file) if is_single_file(path) => {
            messages::next_missing_at_address()
        }
        _ => messages::next_missing_file(),
    }
}

/// What helps depends on why a download failed: trying again opens no gated model.
fn next_of_network(reason: &Message) -> Message {
    match reason.id() {
        Some(Id::no_public_model) => messages::next_no_public_model(),
        Some(Id::gated_model) => messages::next_gated_model(),
        Some(Id::access_refused) => messages::next_access_refused(),
        Some(Id::model_disabled | Id::legally_withheld) => messages::next_other_model(),
        Some(Id::no_such_revision) => messages::next_revision(),
        Some(Id::too_many_requests) => messages::next_wait(),
        Some(Id::sign_in_needed) => messages::next_sign_in(),
        Some(Id::not_permitted) => messages::next_not_permitted(),
        Some(Id::server_fault) => messages::next_server_fault(),
        Some(Id::server_answered) => messages::next_answered(),
        Some(Id::try_again_in) => messages::next_wait_so_long(),
        _ => messages::next_network(),
    }
}

/// What happened and what to do, as one text in the language of `catalogue`.
pub fn joined(what: &Message, advice: Option<&Message>, catalogue: &Catalogue) -> String {
    let sentences = [Some(what), advice].into_iter().flatten();
    let sentences: Vec<String> = sentences.map(|sentence| sentence.in_words(catalogue)).collect();
    sentences.join(catalogue.between_sentences)
}

#[cfg(test)]
mod tests;

/// Returns whether a path inside a checkpoint is the whole checkpoint. A folder has its weights in
/// folders, each beside a `config.json`.
fn is_single_file(path: &str) -> bool {
    !path.contains('/')
}
