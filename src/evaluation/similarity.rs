//! Structural similarity of two pictures (Wang et al. 2004, DOI 10.1109/TIP.2003.819861) as
//! scikit-image's `structural_similarity` computes it by default: windows of 7 × 7 pixels that all count
//! alike, sample covariances, values up to 255.

use crate::image::RgbImage;

/// Pixels a side of a window.
pub(super) const WINDOW: usize = 7;

const REACH: usize = WINDOW / 2;

/// Tells `found` the similarity around each pixel, the mean of the channels, with the pixel's number, row
/// by row. Beyond its edges a picture is reflected. Both have the same size, at least a window's.
///
/// Only a few rows are in memory: pictures may be large, and a browser's program small.
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

/// One channel of both pictures, walked from the top.
struct Rows<'a> {
    x: &'a RgbImage,
    y: &'a RgbImage,
    channel: usize,
    /// The first of them is row 0, or the topmost that is still needed.
    rows: Vec<(usize, Vec<Moments>)>,
}

/// Means of x, y, x², y² and x·y.
type Moments = [f64; 5];

impl Rows<'_> {
    /// Of row `row`, which is the one after that of the last call.
    fn similarity(&mut self, row: usize) -> Vec<f64> {
        let height = self.x.height;
        self.rows.retain(|(at, _)| at + REACH >= row);
        let next = self.rows.last().map_or(0, |(at, _)| at + 1);
        for at in next..(row + REACH + 1).min(height) {
            self.rows.push((at, self.means(at)));
        }
        let first = self.rows[0].0;
        let window = (0..WINDOW).map(|i| reflected(row as isize + i as isize - 3, height));
        let window: Vec<&Vec<Moments>> = window.map(|at| &self.rows[at - first].1).collect();
        let mean = |column: usize| -> Moments {
            std::array::from_fn(|moment| {
                window.iter().map(|row| row[column][moment]).sum::<f64>() / WINDOW as f64
            })
        };
        (0..self.x.width).map(|column| of_moments(mean(column))).collect()
    }

    /// Along a row, for each pixel the means of the pixels around it.
    fn means(&self, row: usize) -> Vec<Moments> {
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

/// Equation 13 of the paper.
fn of_moments([ux, uy, uxx, uyy, uxy]: Moments) -> f64 {
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

/// `d c b a | a b c d | d c b a`
fn reflected(at: isize, len: usize) -> usize {
    let len = len as isize;
    let at = if at < 0 { -1 - at } else { at };
    let at = if at >= len { 2 * len - 1 - at } else { at };
    at.clamp(0, len - 1) as usize
}
