//! Batch of images with consecutive seeds.

use super::rates::StepRate;
use crate::app::words::{self, LocalizedText};

/// Progress within a batch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Batch {
    /// Number of the current image, from 1.
    number: u32,
    count: u32,
    /// Seconds spent on the finished images.
    spent: f64,
}

impl Batch {
    /// Returns the state at the first of `count` images.
    pub fn new(count: u32) -> Self {
        Batch { number: 1, count: count.max(1), spent: 0.0 }
    }

    /// Returns the state at the next image, after one that took `seconds`; `None` after the last.
    pub fn next(self, seconds: f64) -> Option<Self> {
        let Batch { number, count, spent } = self;
        (number < count).then_some(Batch { number: number + 1, count, spent: spent + seconds })
    }

    /// Returns the number of images.
    pub fn count(self) -> u32 {
        self.count
    }

    /// Returns the number of finished images.
    pub fn done(self) -> u32 {
        self.number - 1
    }

    /// Returns the total duration if the current image took `seconds`.
    pub fn seconds(self, seconds: f64) -> f64 {
        self.spent + seconds
    }

    /// Returns `Picture 2 of 4 · Step 7 of 20`; without the first part for a single image.
    pub fn status(self, status: impl Into<LocalizedText>) -> LocalizedText {
        let (status, Batch { number, count, .. }) = (status.into(), self);
        match count {
            1 => status,
            count => LocalizedText::from(move || words::batch_at(number, count, status.text())),
        }
    }

    /// Returns completed and total steps of all images.
    pub fn steps(self, done: u32, total: u32) -> (u32, u32) {
        (self.done().saturating_mul(total) + done, self.count.saturating_mul(total))
    }

    /// Returns the estimated seconds for the rest of the batch; unknown before the second step of
    /// the first image.
    pub fn seconds_left(self, rate: &StepRate, done: u32, total: u32) -> Option<f64> {
        let rest = rate.seconds_left(total.saturating_sub(done));
        let each = match self.done() {
            0 => rate.seconds_left(total),
            done => Some(self.spent / f64::from(done)),
        };
        let after = f64::from(self.count - self.number);
        match (rest, each) {
            (Some(rest), Some(each)) => Some(rest + after * each),
            // At the first steps of an image, assume the mean of the previous ones.
            (None, Some(each)) => Some((after + 1.0) * each),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::rates::StepRate;
    use super::Batch;

    #[test]
    fn next_counts_images_and_seconds() {
        let first = Batch::new(3);
        let second = first.next(10.0);
        let third = second.and_then(|second| second.next(20.0));
        assert_eq!(second.map(Batch::done), Some(1));
        assert_eq!(third.map(|third| (third.done(), third.seconds(5.0))), Some((2, 35.0)));
        assert_eq!(third.and_then(|third| third.next(1.0)), None);
        assert_eq!(third.map(|third| third.steps(7, 20)), Some((47, 60)));
    }

    #[test]
    fn seconds_left_includes_all_images() {
        let mut rate = StepRate::default();
        assert_eq!(Batch::new(4).seconds_left(&rate, 1, 10), None);
        rate.step_done(0.0);
        rate.step_done(1_000.0);
        assert_eq!(Batch::new(1).seconds_left(&rate, 2, 10), Some(8.0));
        assert_eq!(Batch::new(4).seconds_left(&rate, 2, 10), Some(38.0));
        // Encoding and decoding of the first image count for the others.
        let second = Batch::new(4).next(15.0);
        assert_eq!(second.and_then(|batch| batch.seconds_left(&rate, 2, 10)), Some(38.0));
        let new = StepRate::default();
        assert_eq!(second.and_then(|batch| batch.seconds_left(&new, 0, 10)), Some(45.0));
    }
}
