//! Pixels of an image or a mask.

use std::borrow::Cow;

use super::region::Region;

/// Pixels of `C` bytes. There are `width · height` of them, and at least one. They are borrowed as
/// long as nothing changes, because an image may have many.
#[derive(Debug)]
pub(super) struct Raster<'a, const C: usize> {
    pub width: usize,
    pub height: usize,
    /// `[h, w]`, from the top left.
    pub pixels: Cow<'a, [[u8; C]]>,
}

impl<'a, const C: usize> Raster<'a, C> {
    /// Returns a raster that owns its pixels.
    pub fn owned(width: usize, height: usize, pixels: Vec<[u8; C]>) -> Self {
        Raster { width, height, pixels: Cow::Owned(pixels) }
    }

    /// Returns a raster of zeros.
    pub fn black(width: usize, height: usize) -> Self {
        Raster::owned(width, height, vec![[0; C]; width * height])
    }

    /// Returns the same pixels, borrowed.
    pub fn borrowed(&self) -> Raster<'_, C> {
        let Raster { width, height, pixels } = self;
        Raster { width: *width, height: *height, pixels: Cow::Borrowed(pixels) }
    }

    /// Returns the pixels in `region`, which must lie inside.
    pub fn crop(self, region: Region) -> Raster<'a, C> {
        let Region { x, y, width, height } = region;
        if [width, height] == [self.width, self.height] {
            return self;
        }
        let rows = self.pixels.chunks_exact(self.width).skip(y).take(height);
        let mut pixels = Vec::with_capacity(width * height);
        rows.for_each(|row| pixels.extend_from_slice(&row[x..x + width]));
        Raster::owned(width, height, pixels)
    }

    /// Pastes `other` with its top left at `[x, y]`, which may be outside; what does not fit is
    /// clipped (PIL `Image.paste`).
    pub fn paste(&mut self, other: &Raster<'_, C>, [x, y]: [i64; 2]) {
        let (width, height) = (self.width, self.height);
        let pixels_here = self.pixels.to_mut();
        for (row, pixels) in other.pixels.chunks_exact(other.width).enumerate() {
            for (column, pixel) in pixels.iter().enumerate() {
                let inside =
                    |at: i64, size: usize| usize::try_from(at).ok().filter(|at| *at < size);
                let place = (inside(x + column as i64, width), inside(y + row as i64, height));
                if let (Some(x), Some(y)) = place {
                    pixels_here[y * width + x] = *pixel;
                }
            }
        }
    }
}
