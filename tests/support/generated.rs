//! Comparison of generated files with what the program would write.
//!
//! Unit tests of the library include this file too.

use std::fs;
use std::path::{Path, PathBuf};

/// Compares the file at `path`, relative to the repository, with `text`. Returns whether it is out
/// of date; with `HEARTH_UPDATE_GENERATED` in the environment, writes it instead.
pub fn is_stale(path: &str, text: &str) -> bool {
    let file = absolute(path);
    let differs = fs::read_to_string(&file).ok().as_deref() != Some(text);
    if differs && std::env::var_os("HEARTH_UPDATE_GENERATED").is_some() {
        fs::write(file, text).unwrap();
        return false;
    }
    differs
}

pub fn absolute(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
