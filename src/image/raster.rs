//! Rows of pixels, whatever they mean: what a picture and a mask have in common.

use super::region::Region;

/// `C` bytes a pixel. There are `width · height` pixels, and at least one.
#[derive(Debug, Clone)]
pub(super) struct Raster<const C: usize> {
    pub width: usize,
    pub height: usize,
    /// `[h, w]`, from the top left.
    pub pixels: Vec<[u8; C]>,
}

impl<const C: usize> Raster<C> {
    /// All zeros.
    pub fn black(width: usize, height: usize) -> Self {
        Raster { width, height, pixels: vec![[0; C]; width * height] }
    }

    /// What lies in `region`, which must lie inside.
    pub fn crop(&self, region: Region) -> Self {
        let Region { x, y, width, height } = region;
        let rows = self.pixels.chunks_exact(self.width).skip(y).take(height);
        let pixels = rows.flat_map(|row| row.iter().skip(x).take(width)).copied().collect();
        Raster { width, height, pixels }
    }

    /// Lays `other` over it with its top left at `[x, y]`, which may lie outside; what does not fit is
    /// left out (PIL `Image.paste`).
    pub fn paste(&mut self, other: &Self, [x, y]: [i64; 2]) {
        for (row, pixels) in other.pixels.chunks_exact(other.width).enumerate() {
            for (column, pixel) in pixels.iter().enumerate() {
                let inside =
                    |at: i64, size: usize| usize::try_from(at).ok().filter(|at| *at < size);
                let place =
                    (inside(x + column as i64, self.width), inside(y + row as i64, self.height));
                if let (Some(x), Some(y)) = place {
                    self.pixels[y * self.width + x] = *pixel;
                }
            }
        }
    }
}
