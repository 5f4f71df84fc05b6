//! Files on the disk, with their names in every error.

use std::path::Path;

use hearth::image::{Mask, RgbImage};
use hearth::{Error, Result};

/// The bytes of a file.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| failed(path, &error))
}

/// A picture, which must be a PNG.
pub fn read_png(path: &Path) -> Result<RgbImage> {
    let bytes = read(path)?;
    let shown = path.display();
    if !bytes.starts_with(b"\x89PNG") {
        let kind = if bytes.starts_with(&[0xff, 0xd8, 0xff]) { "a JPEG" } else { "no PNG" };
        let reason = format!("{shown} is {kind}; convert it to a PNG first");
        return Err(Error::Image { action: "read", reason });
    }
    Ok(RgbImage::from_png(&bytes)?.0)
}

/// The mask of `image`, which must have its size.
pub fn read_mask(path: &Path, image: &RgbImage) -> Result<Mask> {
    let mask = Mask::from_image(&read_png(path)?)?;
    let ([width, height], wanted) = (mask.size(), [image.width, image.height]);
    if [width, height] != wanted {
        return Err(Error::InvalidRequest {
            field: "mask",
            value: format!("{width} × {height}"),
            reason: format!("it must have the picture's size, {} × {}", wanted[0], wanted[1]),
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
    Error::Io { path: path.display().to_string(), reason: error.to_string() }
}
