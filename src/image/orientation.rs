//! EXIF orientation of an image (Pillow `ImageOps.exif_transpose`).

use super::rgb_image::RgbImage;

/// Tag of the orientation (TIFF 6.0).
const ORIENTATION: u16 = 274;

/// Transformation that shows a stored image upright: 1 for none, up to 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Orientation(u8);

impl Orientation {
    /// Reads the orientation from an `eXIf` chunk. Damaged or missing data mean no transformation.
    pub fn from_exif(exif: &[u8]) -> Self {
        Orientation(read(exif).filter(|value| (1..=8).contains(value)).unwrap_or(1))
    }

    /// Returns width and height of the upright image.
    pub fn size(self, [width, height]: [usize; 2]) -> [usize; 2] {
        if self.0 >= 5 { [height, width] } else { [width, height] }
    }

    /// Returns the upright image.
    pub fn apply(self, stored: RgbImage) -> RgbImage {
        if self.0 == 1 {
            return stored;
        }
        let RgbImage { width: w, height: h, pixels } = stored;
        let stored = pixels.as_chunks::<3>().0;
        let [width, height] = self.size([w, h]);
        let mut pixels = Vec::with_capacity(stored.len() * 3);
        for y in 0..height {
            for x in 0..width {
                let (column, row) = match self.0 {
                    2 => (w - 1 - x, y),
                    3 => (w - 1 - x, h - 1 - y),
                    4 => (x, h - 1 - y),
                    5 => (y, x),
                    6 => (y, h - 1 - x),
                    7 => (w - 1 - y, h - 1 - x),
                    _ => (w - 1 - y, x),
                };
                pixels.extend_from_slice(&stored[row * w + column]);
            }
        }
        RgbImage { width, height, pixels }
    }
}

/// Returns the value of the orientation in the first directory of a TIFF header.
fn read(exif: &[u8]) -> Option<u8> {
    // Some programs write the prefix that only JPEG files should have.
    let tiff = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
    let is_little = match tiff.get(..4)? {
        b"II\x2a\0" => true,
        b"MM\0\x2a" => false,
        _ => return None,
    };
    let u16_at = |at: usize| {
        let bytes = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if is_little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let u32_at = |at: usize| {
        let bytes = tiff.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if is_little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    };
    let directory = usize::try_from(u32_at(4)?).ok()?;
    for entry in 0..usize::from(u16_at(directory)?) {
        let at = directory.checked_add(2 + 12 * entry)?;
        if u16_at(at)? == ORIENTATION {
            // A number of 16 or 32 bits.
            let value = match u16_at(at + 2)? {
                3 => u32::from(u16_at(at + 8)?),
                4 => u32_at(at + 8)?,
                _ => return None,
            };
            return u8::try_from(value).ok();
        }
    }
    None
}
