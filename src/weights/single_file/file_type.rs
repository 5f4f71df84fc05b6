//! Type of files that are not safetensors files, by name and magic bytes.

use crate::error::{Error, messages};

/// Bytes that [`file_type`] reads, if there are as many.
pub const FIRST_BYTES: u64 = 512;

/// Type of a file that may be mistaken for a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileType {
    /// PyTorch's pickle, which can contain programs.
    Pickle,
    /// llama.cpp's format.
    Gguf,
    /// A network for ONNX runtimes.
    Onnx,
    /// A network of Keras or TensorFlow.
    Hdf5,
    /// A pointer of git LFS in place of a large file.
    LfsPointer,
    /// A web page.
    Html,
    /// A server's words in place of a file.
    NotFound,
    /// JSON.
    Json,
    /// A picture.
    Picture,
    /// An archive.
    Archive,
    /// An empty file.
    Empty,
    /// Something else.
    Unknown,
}

/// Detects the type of a file by its name and its first [`FIRST_BYTES`]; `None` if it looks like a
/// safetensors file.
pub fn file_type(name: &str, first_bytes: &[u8]) -> Option<FileType> {
    let starts = |magic: &[u8]| first_bytes.starts_with(magic);
    let name = name.to_ascii_lowercase();
    let named = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if first_bytes.is_empty() {
        return Some(FileType::Empty);
    }
    if looks_like_safetensors(first_bytes) {
        return None;
    }
    // PyTorch writes a zip archive with a pickle inside, and a bare pickle before 1.6.
    let zip = starts(b"PK\x03\x04") || starts(b"PK\x05\x06");
    if zip && named(&[".zip"]) && !contains(first_bytes, b"data.pkl") {
        return Some(FileType::Archive);
    }
    let bare_pickle = first_bytes[0] == 0x80 && matches!(first_bytes.get(1), Some(2..=5));
    if zip || bare_pickle {
        return Some(FileType::Pickle);
    }
    let archives: [&[u8]; 5] = [b"7z\xbc\xaf", b"Rar!", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh"];
    let riff = starts(b"RIFF") && first_bytes.get(8..12) == Some(b"WEBP");
    let text = String::from_utf8_lossy(first_bytes).trim_start().to_ascii_lowercase();
    Some(if starts(b"GGUF") {
        FileType::Gguf
    } else if starts(b"\x89HDF") {
        FileType::Hdf5
    } else if starts(b"\x89PNG") || starts(b"\xff\xd8\xff") || starts(b"GIF8") || riff {
        FileType::Picture
    } else if archives.iter().any(|magic| starts(magic)) {
        FileType::Archive
    } else if text.starts_with("version https://git-lfs") {
        FileType::LfsPointer
    } else if ["<!doctype", "<html", "<head", "<?xml"].iter().any(|tag| text.starts_with(tag)) {
        FileType::Html
    } else if NOT_FOUND.iter().any(|words| text.starts_with(words)) {
        FileType::NotFound
    } else if text.starts_with(['{', '[']) {
        FileType::Json
    } else if named(&[".onnx"]) {
        FileType::Onnx
    } else if named(&[".ckpt", ".pt", ".pth", ".bin", ".pkl", ".pickle"]) {
        FileType::Pickle
    } else {
        FileType::Unknown
    })
}

/// What the Hub answers, in lower case: programs that do not look at the status save it as the file.
const NOT_FOUND: [&str; 5] = [
    "entry not found",
    "repository not found",
    "invalid username or password",
    "access to model",
    "not found",
];

/// Returns the error for a JSON or text file of a checkpoint that is something else: a pointer, a
/// web page, or a server's words.
pub fn replaced_text(path: &str, bytes: &[u8]) -> Option<Error> {
    let first_bytes = &bytes[..bytes.len().min(FIRST_BYTES as usize)];
    match file_type(path, first_bytes)? {
        kind @ (FileType::LfsPointer | FileType::Html) => Some(kind.refuse(path)),
        FileType::NotFound => Some(Error::NotACheckpoint {
            path: path.to_string(),
            found: messages::not_found_answer(),
            remedy: messages::give_file_address(),
        }),
        _ => None,
    }
}

/// Whether these are eight bytes of length, which may have any value, and JSON.
fn looks_like_safetensors(first_bytes: &[u8]) -> bool {
    let Some((length, header)) = first_bytes.split_first_chunk::<8>() else { return false };
    // A wrong length gets a precise error when the header is read.
    const PLAUSIBLE: u64 = 1 << 32;
    header.first() == Some(&b'{') && u64::from_le_bytes(*length) < PLAUSIBLE
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

impl FileType {
    /// Returns the error for the file at `path`.
    pub fn refuse(self, path: &str) -> Error {
        let (found, remedy) = match self {
            FileType::Pickle => return Error::pickled(path),
            FileType::Gguf => (messages::gguf(), messages::get_safetensors()),
            FileType::Onnx => (messages::onnx(), messages::get_safetensors()),
            FileType::Hdf5 => (messages::hdf5(), messages::get_safetensors()),
            FileType::LfsPointer => (messages::lfs_pointer(), messages::fetch_file_itself()),
            FileType::Html => (messages::web_page(), messages::give_file_address()),
            FileType::NotFound => (messages::not_found_weights(), messages::give_file_address()),
            FileType::Json => (messages::json(), messages::give_its_folder()),
            FileType::Picture => (messages::picture(), messages::get_safetensors()),
            FileType::Archive => (messages::archive(), messages::unpack_it()),
            FileType::Empty => (messages::empty_file(), messages::fetch_again()),
            FileType::Unknown => (messages::unknown_file(), messages::get_safetensors()),
        };
        Error::NotACheckpoint { path: path.to_string(), found, remedy }
    }
}
