//! Pixel accuracy, PSNR and SSIM of an inpainted image.

use super::similarity::{WINDOW, similarities};
use crate::error::{Error, Message, Result, messages};
use crate::image::{Mask, RgbImage};

/// Similarity of two images, or of parts of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// Share of pixels in which no channel differs by more than [`PIXEL_TOLERANCE`], 0..=1.
    pub pixel_accuracy: f64,
    /// Peak signal-to-noise ratio, dB; infinite for equal images (scikit-image
    /// `peak_signal_noise_ratio` with a range of 255).
    pub psnr: f64,
    /// Structural similarity, −1..=1 (scikit-image `structural_similarity` with its defaults, mean
    /// of the channels).
    pub ssim: f64,
}

/// Scores of an inpainted image against the true one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scores {
    /// Score of the inpainted pixels. Its SSIM is the mean over the windows around them, which
    /// extend beyond the mask.
    pub inside: Score,
    /// Score of the whole image. As in scikit-image, windows that extend beyond its edges do not
    /// count.
    pub overall: Score,
}

/// Difference of a channel, of 255, below which colours look the same.
pub const PIXEL_TOLERANCE: u8 = 8;

impl Scores {
    /// Compares `completed` with `truth`; `mask` is the inpainted area.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] if the sizes differ or are smaller than an SSIM window, or the mask is empty.
    pub fn compare(completed: &RgbImage, truth: &RgbImage, mask: &Mask) -> Result<Self> {
        let size = [truth.width, truth.height];
        check(completed, truth, mask)?;
        let edge = WINDOW / 2;
        let is_whole = |at: usize| {
            let within = |at: usize, size: usize| at >= edge && at + edge < size;
            within(at % size[0], size[0]) && within(at / size[0], size[1])
        };
        let is_inside = |at: usize| mask.values()[at] != 0;
        let (mut inside, mut overall) = (Sums::default(), Sums::default());
        let (ours, theirs) = (completed.pixels.as_chunks::<3>().0, truth.pixels.as_chunks::<3>().0);
        for (at, (a, b)) in ours.iter().zip(theirs).enumerate() {
            let off = [0, 1, 2].map(|c| a[c].abs_diff(b[c]));
            overall.pixel(off);
            if is_inside(at) {
                inside.pixel(off);
            }
        }
        similarities(completed, truth, |at, similarity| {
            if is_whole(at) {
                overall.window(similarity);
            }
            if is_inside(at) {
                inside.window(similarity);
            }
        });
        Ok(Scores { inside: inside.score(), overall: overall.score() })
    }

    /// Returns the mean of several scores; `None` of no scores. PSNR is the mean of the finite
    /// values.
    pub fn mean(all: &[Scores]) -> Option<Scores> {
        let mean = |of: fn(&Scores) -> Score| {
            let part = |value: fn(Score) -> f64| {
                let values = all.iter().map(|scores| value(of(scores)));
                let finite: Vec<f64> = values.filter(|value| value.is_finite()).collect();
                match finite.len() {
                    0 => f64::INFINITY,
                    len => finite.iter().sum::<f64>() / len as f64,
                }
            };
            Score {
                pixel_accuracy: part(|score| score.pixel_accuracy),
                psnr: part(|score| score.psnr),
                ssim: part(|score| score.ssim),
            }
        };
        let scores = Scores { inside: mean(|s| s.inside), overall: mean(|s| s.overall) };
        (!all.is_empty()).then_some(scores)
    }
}

fn check(completed: &RgbImage, truth: &RgbImage, mask: &Mask) -> Result<()> {
    let pixels = |[width, height]: [usize; 2]| Message::verbatim(format!("{width} × {height}"));
    let size = [truth.width, truth.height];
    let refused = |field, value, reason| Err(Error::InvalidRequest { field, value, reason });
    if !truth.is_whole() || !completed.is_whole() {
        return refused("image", pixels(size), messages::pixels_do_not_fill_size());
    }
    if size.iter().any(|side| *side < WINDOW) {
        return refused("image", pixels(size), messages::too_small_to_compare());
    }
    let completed = [completed.width, completed.height];
    if completed != size {
        let reason = messages::true_picture_has(size[0], size[1]);
        return refused("image", pixels(completed), reason);
    }
    if mask.size() != size {
        let reason = messages::wants_picture_size(size[0], size[1]);
        return refused("mask", pixels(mask.size()), reason);
    }
    if mask.is_black() {
        return refused("mask", messages::empty(), messages::mask_covers_nothing());
    }
    Ok(())
}

/// Sums over pixels and windows.
#[derive(Default)]
struct Sums {
    pixels: u64,
    /// Pixels within [`PIXEL_TOLERANCE`].
    near: u64,
    /// Sum of squared differences of all channels.
    squares: u64,
    windows: u64,
    /// Sum of the windows' similarities.
    similarity: f64,
}

impl Sums {
    /// Adds a pixel; `off`: the differences of its channels.
    fn pixel(&mut self, off: [u8; 3]) {
        self.pixels += 1;
        self.near += u64::from(off.iter().all(|off| *off <= PIXEL_TOLERANCE));
        self.squares += off.iter().map(|off| u64::from(*off) * u64::from(*off)).sum::<u64>();
    }

    fn window(&mut self, similarity: f64) {
        self.windows += 1;
        self.similarity += similarity;
    }

    fn score(&self) -> Score {
        let pixels = self.pixels as f64;
        let mean_square = self.squares as f64 / (3.0 * pixels);
        Score {
            pixel_accuracy: self.near as f64 / pixels,
            psnr: 10.0 * (255.0 * 255.0 / mean_square).log10(),
            ssim: self.similarity / self.windows as f64,
        }
    }
}
