//! Files on the disk, with their names in every error.

use std::path::Path;

use hearth::error::{Message, messages};
use hearth::image::{self, Mask, RgbImage};
use hearth::{Error, Result};

/// The bytes of a file.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| failed(path, &error))
}

/// A picture, which must be a PNG.
pub fn read_png(path: &Path) -> Result<RgbImage> {
    named(path, RgbImage::from_png(&png_bytes(path)?)).map(|(image, _)| image)
}

/// Width and height of a picture, which must be a PNG. Its pixels are not looked at.
pub fn png_size(path: &Path) -> Result<[usize; 2]> {
    named(path, image::size(&png_bytes(path)?))
}

/// The mask of a picture of `size`, `[width, height]`, which is the mask's own, too.
pub fn read_mask(path: &Path, size: [usize; 2]) -> Result<Mask> {
    let mask = Mask::from_image(&read_png(path)?)?;
    if mask.size() != size {
        let [width, height] = mask.size();
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

/// What the system says of a file or folder.
pub fn failed(path: &Path, error: &std::io::Error) -> Error {
    Error::Io { path: path.display().to_string(), reason: Message::verbatim(error) }
}

/// There must be a folder that `path` can be written to.
pub fn check_folder_of(path: &Path) -> Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => Err(Error::Io {
            path: folder.display().to_string(),
            reason: messages::no_such_folder(),
        }),
        _ => Ok(()),
    }
}

fn png_bytes(path: &Path) -> Result<Vec<u8>> {
    let bytes = read(path)?;
    if bytes.starts_with(b"\x89PNG") {
        return Ok(bytes);
    }
    let is_jpeg = bytes.starts_with(&[0xff, 0xd8, 0xff]);
    let name = path.display().to_string();
    let reason = if is_jpeg { messages::jpeg_not_png(name) } else { messages::not_a_png(name) };
    Err(Error::Image { action: "read", reason })
}

/// The library knows the bytes of a picture, not where they are from.
fn named<T>(path: &Path, result: Result<T>) -> Result<T> {
    result.map_err(|error| match error {
        Error::Image { action, reason } => {
            let reason = messages::in_file(path.display().to_string(), reason);
            Error::Image { action, reason }
        }
        other => other,
    })
}
