//! Runs of the command line program.

use std::process::{Command, Output};

use hearth::image::{Mask, RgbImage};

/// Runs the program to its end.
pub fn hearth(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hearth")).args(arguments).output().unwrap()
}

/// Returns a mask as an image.
pub fn grey(mask: &Mask) -> RgbImage {
    let [width, height] = mask.size();
    let pixels = mask.values().iter().flat_map(|&value| [value; 3]).collect();
    RgbImage { width, height, pixels }
}
