//! Pixel accuracy, PSNR and SSIM of a completed picture.

use super::similarity::{WINDOW, similarities};
use crate::error::{Error, Message, Result, messages};
use crate::image::{Mask, RgbImage};

/// How near one picture is to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// The part of pixels of which no channel is off by more than [`PIXEL_TOLERANCE`], 0..=1.
    pub pixel_accuracy: f64,
    /// Peak signal-to-noise ratio, dB; infinite for equal pictures (scikit-image
    /// `peak_signal_noise_ratio` with a range of 255).
    pub psnr: f64,
    /// Structural similarity, −1..=1 (scikit-image `structural_similarity` with its defaults, mean of the
    /// channels).
    pub ssim: f64,
}

/// How near a completed picture is to the true one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scores {
    /// Of the pixels that were painted anew. Its SSIM is the mean of their windows, which reach a little
    /// beyond.
    pub inside: Score,
    /// Of the whole picture. As in scikit-image, windows that reach beyond its edges do not count.
    pub overall: Score,
}

/// Of 255: an eye takes less for the same colour.
pub const PIXEL_TOLERANCE: u8 = 8;

impl Scores {
    /// Compares `completed` with `truth`; `mask` says what was painted anew.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] if the sizes differ, are smaller than a window of SSIM, or nothing was
    /// painted anew.
    pub fn of(completed: &RgbImage, truth: &RgbImage, mask: &Mask) -> Result<Self> {
        let size = [truth.width, truth.height];
        check(completed, truth, mask)?;
        let edge = WINDOW / 2;
        let is_whole = |at: usize| {
            let within = |at: usize, size: usize| at >= edge && at + edge < size;
            within(at % size[0], size[0]) && within(at / size[0], size[1])
        };
        let is_inside = |at: usize| mask.values()[at] != 0;
        let (mut inside, mut overall) = (Tally::default(), Tally::default());
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

    /// The mean of some; nothing of none. PSNR is the mean of those that are finite.
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
        return refused("mask", messages::empty(), messages::nothing_painted_anew());
    }
    Ok(())
}

/// What is counted of some pixels and windows.
#[derive(Default)]
struct Tally {
    pixels: u64,
    near: u64,
    squares: u64,
    windows: u64,
    similarity: f64,
}

impl Tally {
    /// `off`: how far the channels are from the true ones.
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
