//! Names and addresses of models that cannot be opened from an address.

use super::has_end;
use crate::error::{Message, messages};

/// Hosts of Civitai.
const CIVITAI: [&str; 4] = ["civitai.com", "civitai.green", "civitai.red", "civitaiarchive.com"];

/// Beginnings of absolute paths on Linux, macOS and Android.
const FOLDERS: [&str; 9] = [
    "/home/",
    "/Users/",
    "/mnt/",
    "/media/",
    "/root/",
    "/Volumes/",
    "/tmp/",
    "/storage/",
    "/sdcard/",
];

/// Returns whether this names a model on Civitai: an address with or without its scheme, or an AIR
/// (`urn:air:sd1:checkpoint:civitai:4384@128713`).
pub fn is_civitai(typed: &str) -> bool {
    let typed = typed.to_ascii_lowercase();
    if typed.starts_with("urn:air:") || typed.starts_with("air:") || typed.starts_with("civitai:") {
        return true;
    }
    let rest = typed.split_once("://").map_or(typed.as_str(), |(_, rest)| rest);
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
    CIVITAI
        .iter()
        .any(|name| host.strip_suffix(name).is_some_and(|sub| sub.is_empty() || sub.ends_with('.')))
}

/// Returns whether this is a path in a file system: `C:\…`, `\\server\…`, `~/…`, `file://…`,
/// `/home/…`. A page that is itself in such a folder of its server may name models there.
pub fn is_disk_path(typed: &str, page_folder: Option<&str>) -> bool {
    let letter = typed.as_bytes();
    let has_drive =
        matches!(letter, [drive, b':', b'\\' | b'/', ..] if drive.is_ascii_alphabetic());
    let begins = ["\\", "~/", "~\\", "$HOME/", "%USERPROFILE%"];
    let is_file = typed.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("file:"));
    if has_drive || is_file || begins.iter().any(|begin| typed.starts_with(begin)) {
        return true;
    }
    let is_here = |folder: &str| {
        let page = page_folder.and_then(|page| page.split_once("://"));
        let path = page.and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
        path.is_some_and(|path| path.starts_with(folder))
    };
    FOLDERS.iter().any(|folder| typed.starts_with(folder) && !is_here(folder))
}

/// Returns whether this is the name of a file of weights, without a folder or a repository.
pub fn is_bare_file_name(typed: &str) -> bool {
    has_end(typed, &[".safetensors", ".gguf", ".ckpt", ".pt", ".pth", ".bin", ".onnx"])
}

/// Checks that a file's name may be that of a checkpoint; a name without an ending is a folder's.
///
/// # Errors
/// Why this kind of file is not opened, and what to give instead.
pub fn check_file(name: &str) -> Result<(), Message> {
    if has_end(name, &[".gguf"]) {
        Err(messages::gguf_address())
    } else if has_end(name, &[".ckpt", ".pt", ".pth", ".bin"]) {
        Err(messages::pickle_address())
    } else if has_end(name, &[".onnx", ".zip", ".7z", ".rar", ".json", ".txt", ".md"]) {
        Err(messages::only_safetensors())
    } else {
        Ok(())
    }
}
