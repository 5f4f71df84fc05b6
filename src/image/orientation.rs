//! EXIF orientation of an image (Pillow `ImageOps.exif_transpose`).

use super::exif::Exif;
use super::rgb_image::RgbImage;

/// Transformation that shows a stored image upright: 1 for none, up to 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Orientation(u8);

impl Orientation {
    /// Reads the orientation from EXIF data. Damaged or missing data mean no transformation.
    pub fn from_exif(exif: Option<Exif>) -> Self {
        Orientation(exif.and_then(|exif| exif.orientation()).unwrap_or(1))
    }

    /// Reads the orientation from XMP data, as Pillow does.
    pub fn from_xmp(xmp: &str) -> Option<Self> {
        let (_, rest) = xmp.split_once("tiff:Orientation")?;
        let rest = rest.strip_prefix("=\"").or_else(|| rest.strip_prefix('>'))?;
        let value = rest.chars().next().and_then(|digit| digit.to_digit(10))?;
        u8::try_from(value).ok().filter(|value| (1..=8).contains(value)).map(Orientation)
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
