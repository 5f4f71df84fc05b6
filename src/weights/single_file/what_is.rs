//! What a file is that is no safetensors file, told by its name and its first bytes.

use crate::error::{Error, messages};

/// Bytes that [`what_is`] wants to see, where there are as many.
pub const FIRST_BYTES: u64 = 512;

/// Kinds of files that people take for checkpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// PyTorch's own format, which can contain programs.
    Pickle,
    /// llama.cpp's format.
    Gguf,
    /// A network for ONNX runtimes.
    Onnx,
    /// A network of Keras or TensorFlow.
    Hdf5,
    /// What git keeps in place of a large file.
    LfsPointer,
    /// A web page.
    Html,
    /// JSON.
    Json,
    /// A picture.
    Picture,
    /// An archive.
    Archive,
    /// Nothing.
    Empty,
    /// Something else.
    Unknown,
}

/// What a file is, by its name and its first [`FIRST_BYTES`]; `None` if it looks like a safetensors
/// file.
pub fn what_is(name: &str, first_bytes: &[u8]) -> Option<Kind> {
    let starts = |magic: &[u8]| first_bytes.starts_with(magic);
    let name = name.to_ascii_lowercase();
    let named = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if first_bytes.is_empty() {
        return Some(Kind::Empty);
    }
    if looks_like_safetensors(first_bytes) {
        return None;
    }
    // PyTorch writes a zip archive with a pickle inside, and a bare pickle before 1.6.
    let zip = starts(b"PK\x03\x04") || starts(b"PK\x05\x06");
    if zip && named(&[".zip"]) && !contains(first_bytes, b"data.pkl") {
        return Some(Kind::Archive);
    }
    let bare_pickle = first_bytes[0] == 0x80 && matches!(first_bytes.get(1), Some(2..=5));
    if zip || bare_pickle {
        return Some(Kind::Pickle);
    }
    let archives: [&[u8]; 5] = [b"7z\xbc\xaf", b"Rar!", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh"];
    let riff = starts(b"RIFF") && first_bytes.get(8..12) == Some(b"WEBP");
    let text = String::from_utf8_lossy(first_bytes).trim_start().to_ascii_lowercase();
    Some(if starts(b"GGUF") {
        Kind::Gguf
    } else if starts(b"\x89HDF") {
        Kind::Hdf5
    } else if starts(b"\x89PNG") || starts(b"\xff\xd8\xff") || starts(b"GIF8") || riff {
        Kind::Picture
    } else if archives.iter().any(|magic| starts(magic)) {
        Kind::Archive
    } else if text.starts_with("version https://git-lfs") {
        Kind::LfsPointer
    } else if ["<!doctype", "<html", "<head", "<?xml"].iter().any(|tag| text.starts_with(tag)) {
        Kind::Html
    } else if text.starts_with(['{', '[']) {
        Kind::Json
    } else if named(&[".onnx"]) {
        Kind::Onnx
    } else if named(&[".ckpt", ".pt", ".pth", ".bin", ".pkl", ".pickle"]) {
        Kind::Pickle
    } else {
        Kind::Unknown
    })
}

/// Eight bytes of length and then JSON. The length may happen to look like anything.
fn looks_like_safetensors(first_bytes: &[u8]) -> bool {
    let Some((length, header)) = first_bytes.split_first_chunk::<8>() else { return false };
    // The reader of the header says precisely what is wrong with a length that is not.
    const PLAUSIBLE: u64 = 1 << 32;
    header.first() == Some(&b'{') && u64::from_le_bytes(*length) < PLAUSIBLE
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

impl Kind {
    /// The refusal of the file at `path`.
    pub fn refuse(self, path: &str) -> Error {
        let (found, remedy) = match self {
            Kind::Pickle => return Error::pickled(path),
            Kind::Gguf => (messages::gguf(), messages::get_safetensors()),
            Kind::Onnx => (messages::onnx(), messages::get_safetensors()),
            Kind::Hdf5 => (messages::hdf5(), messages::get_safetensors()),
            Kind::LfsPointer => (messages::lfs_pointer(), messages::fetch_file_itself()),
            Kind::Html => (messages::web_page(), messages::give_file_address()),
            Kind::Json => (messages::json(), messages::give_its_folder()),
            Kind::Picture => (messages::picture(), messages::get_safetensors()),
            Kind::Archive => (messages::archive(), messages::unpack_it()),
            Kind::Empty => (messages::empty_file(), messages::fetch_again()),
            Kind::Unknown => (messages::unknown_file(), messages::get_safetensors()),
        };
        Error::NotACheckpoint { path: path.to_string(), found, remedy }
    }
}
