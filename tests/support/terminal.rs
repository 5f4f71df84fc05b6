//! The terminal's program, run as a user runs it.

use std::process::{Command, Output};

use hearth::image::{Mask, RgbImage};

/// Runs it to its end.
pub fn hearth(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hearth")).args(arguments).output().unwrap()
}

/// A mask as it stands in a file.
pub fn grey(mask: &Mask) -> RgbImage {
    let [width, height] = mask.size();
    let pixels = mask.values().iter().flat_map(|&value| [value; 3]).collect();
    RgbImage { width, height, pixels }
}
