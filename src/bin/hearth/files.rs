//! File access; every error names the file.

use std::path::Path;

use hearth::error::{Message, messages};
use hearth::image::{self, RgbImage, Transparency};
use hearth::{Error, Result};

/// Reads a file.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| failed(path, &error))
}

/// Reads an image: a PNG, JPEG or WebP.
pub fn read_image(path: &Path) -> Result<RgbImage> {
    named(path, image::decode(&read(path)?, Transparency::Drop))
}

/// Reads `[width, height]` of an image without decoding it.
pub fn image_size(path: &Path) -> Result<[usize; 2]> {
    named(path, image::size(&read(path)?))
}

/// Reads the mask of an image, where transparent pixels are black; both have `size`, `[width, height]`.
pub fn read_mask_image(path: &Path, size: [usize; 2]) -> Result<RgbImage> {
    let mask = named(path, image::decode(&read(path)?, Transparency::OnBlack))?;
    let RgbImage { width, height, .. } = mask;
    if [width, height] != size {
        return Err(Error::InvalidRequest {
            field: "mask",
            value: Message::verbatim(format!("{} of {width} × {height} pixels", path.display())),
            reason: messages::wants_picture_size(size[0], size[1]),
        });
    }
    Ok(mask)
}

/// Writes a file.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).map_err(|error| failed(path, &error))
}

/// Returns the error of the operating system for a file or folder.
pub fn failed(path: &Path, error: &std::io::Error) -> Error {
    Error::of_system(path.display(), error)
}

/// Checks that the folder of `path` exists.
pub fn check_folder_of(path: &Path) -> Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => Err(Error::Io {
            path: folder.display().to_string(),
            reason: messages::no_such_folder(),
        }),
        _ => Ok(()),
    }
}

/// Adds the file's name to an error of the library, which only knows its bytes.
fn named<T>(path: &Path, result: Result<T>) -> Result<T> {
    result.map_err(|error| match error {
        Error::Image { action, reason } => {
            let reason = messages::in_file(path.display().to_string(), reason);
            Error::Image { action, reason }
        }
        other => other,
    })
}
