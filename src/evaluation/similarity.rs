//! Structural similarity (SSIM) of two images.
//!
//! Wang et al. 2004, DOI 10.1109/TIP.2003.819861, as scikit-image's `structural_similarity`
//! computes it by default: uniform windows of 7 × 7 pixels, sample covariances, values up to 255.

use crate::image::RgbImage;

/// Side of a window, pixels.
pub(super) const WINDOW: usize = 7;

const REACH: usize = WINDOW / 2;

/// Calls `found` with the index (row-major) and the similarity around each pixel, the mean of the
/// channels. Beyond its edges an image is reflected. Both must have the same size, at least that of
/// a window.
///
/// Only a few rows are in memory, since images may be large and WebAssembly's memory is limited.
pub(super) fn similarities(x: &RgbImage, y: &RgbImage, mut found: impl FnMut(usize, f64)) {
    let RgbImage { width, height, .. } = *x;
    let mut channels = [0, 1, 2].map(|channel| Rows { x, y, channel, rows: Vec::new() });
    for row in 0..height {
        let rows: [Vec<f64>; 3] = channels.each_mut().map(|channel| channel.similarity(row));
        for column in 0..width {
            let sum: f64 = rows.iter().map(|row| row[column]).sum();
            found(row * width + column, sum / 3.0);
        }
    }
}

/// One channel of both images, read from the top.
struct Rows<'a> {
    x: &'a RgbImage,
    y: &'a RgbImage,
    channel: usize,
    /// Row indices and means along the row, from the topmost row that is still needed.
    rows: Vec<(usize, Vec<WindowMeans>)>,
}

/// Means of x, y, x², y² and x·y.
type WindowMeans = [f64; 5];

impl Rows<'_> {
    /// Returns the similarities of row `row`, which must follow that of the last call.
    fn similarity(&mut self, row: usize) -> Vec<f64> {
        let height = self.x.height;
        self.rows.retain(|(at, _)| at + REACH >= row);
        let next = self.rows.last().map_or(0, |(at, _)| at + 1);
        for at in next..(row + REACH + 1).min(height) {
            self.rows.push((at, self.means(at)));
        }
        let first = self.rows[0].0;
        let window = (0..WINDOW).map(|i| reflected(row as isize + i as isize - 3, height));
        let window: Vec<&Vec<WindowMeans>> = window.map(|at| &self.rows[at - first].1).collect();
        let mean = |column: usize| -> WindowMeans {
            std::array::from_fn(|moment| {
                window.iter().map(|row| row[column][moment]).sum::<f64>() / WINDOW as f64
            })
        };
        (0..self.x.width).map(|column| ssim(mean(column))).collect()
    }

    /// Returns the means over the window along a row, for each pixel.
    fn means(&self, row: usize) -> Vec<WindowMeans> {
        let width = self.x.width;
        let moments = |column: usize| {
            let at = (row * width + column) * 3 + self.channel;
            let (x, y) = (f64::from(self.x.pixels[at]), f64::from(self.y.pixels[at]));
            [x, y, x * x, y * y, x * y]
        };
        let mean = |column: usize| {
            let window = (0..WINDOW).map(|i| reflected(column as isize + i as isize - 3, width));
            let sum = window
                .map(moments)
                .fold([0.0; 5], |sum, one| std::array::from_fn(|moment| sum[moment] + one[moment]));
            sum.map(|sum| sum / WINDOW as f64)
        };
        (0..width).map(mean).collect()
    }
}

/// Returns the similarity of a window (equation 13 of the paper).
fn ssim([ux, uy, uxx, uyy, uxy]: WindowMeans) -> f64 {
    const RANGE: f64 = 255.0;
    const C1: f64 = (0.01 * RANGE) * (0.01 * RANGE);
    const C2: f64 = (0.03 * RANGE) * (0.03 * RANGE);
    const PIXELS: f64 = (WINDOW * WINDOW) as f64;
    const SAMPLE: f64 = PIXELS / (PIXELS - 1.0);
    let vx = SAMPLE * (uxx - ux * ux);
    let vy = SAMPLE * (uyy - uy * uy);
    let vxy = SAMPLE * (uxy - ux * uy);
    (2.0 * ux * uy + C1) * (2.0 * vxy + C2) / ((ux * ux + uy * uy + C1) * (vx + vy + C2))
}

/// Reflects an index at the edges: `d c b a | a b c d | d c b a`.
fn reflected(at: isize, len: usize) -> usize {
    let len = len as isize;
    let at = if at < 0 { -1 - at } else { at };
    let at = if at >= len { 2 * len - 1 - at } else { at };
    at.clamp(0, len - 1) as usize
}
