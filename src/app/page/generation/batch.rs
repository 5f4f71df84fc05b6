//! Several pictures one after another, each with the next seed.

use crate::app::page::generation::pace::Pace;
use crate::app::words::{self, Line};

/// Which picture of how many is being made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Batch {
    /// From 1.
    place: u32,
    count: u32,
    /// Seconds for those that are done.
    spent: f64,
}

impl Batch {
    /// The first of so many.
    pub fn of(count: u32) -> Self {
        Batch { place: 1, count: count.max(1), spent: 0.0 }
    }

    /// The one after this, which took so many seconds.
    pub fn next(self, seconds: f64) -> Option<Self> {
        let Batch { place, count, spent } = self;
        (place < count).then_some(Batch { place: place + 1, count, spent: spent + seconds })
    }

    /// How many were wanted.
    pub fn count(self) -> u32 {
        self.count
    }

    /// How many are done while this one is not.
    pub fn done(self) -> u32 {
        self.place - 1
    }

    /// Seconds for all of them, of which this took `seconds`.
    pub fn seconds(self, seconds: f64) -> f64 {
        self.spent + seconds
    }

    /// `Picture 2 of 4 · Step 7 of 20`; without the first part if there is only one.
    pub fn status(self, status: impl Into<Line>) -> Line {
        let (status, Batch { place, count, .. }) = (status.into(), self);
        match count {
            1 => status,
            count => Line::from(move || words::batch_at(place, count, status.text())),
        }
    }

    /// Steps that are done of all pictures, and how many there are.
    pub fn steps(self, done: u32, total: u32) -> (u32, u32) {
        (self.done().saturating_mul(total) + done, self.count.saturating_mul(total))
    }

    /// Seconds for the rest of this picture and for those after it; unknown before the second step of
    /// the first.
    pub fn seconds_left(self, pace: &Pace, done: u32, total: u32) -> Option<f64> {
        let rest = pace.seconds_left(total.saturating_sub(done));
        let each = match self.done() {
            0 => pace.seconds_left(total),
            done => Some(self.spent / f64::from(done)),
        };
        let after = f64::from(self.count - self.place);
        match (rest, each) {
            (Some(rest), Some(each)) => Some(rest + after * each),
            // A new picture's first steps: as long as those before it.
            (None, Some(each)) => Some((after + 1.0) * each),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Batch;
    use crate::app::page::generation::pace::Pace;

    #[test]
    fn pictures_follow_one_another() {
        let first = Batch::of(3);
        let second = first.next(10.0);
        let third = second.and_then(|second| second.next(20.0));
        assert_eq!(second.map(Batch::done), Some(1));
        assert_eq!(third.map(|third| (third.done(), third.seconds(5.0))), Some((2, 35.0)));
        assert_eq!(third.and_then(|third| third.next(1.0)), None);
        assert_eq!(third.map(|third| third.steps(7, 20)), Some((47, 60)));
    }

    #[test]
    fn the_time_left_is_that_of_all() {
        let mut pace = Pace::default();
        assert_eq!(Batch::of(4).seconds_left(&pace, 1, 10), None);
        pace.step_done(0.0);
        pace.step_done(1_000.0);
        assert_eq!(Batch::of(1).seconds_left(&pace, 2, 10), Some(8.0));
        assert_eq!(Batch::of(4).seconds_left(&pace, 2, 10), Some(38.0));
        // What the first took with its beginning and its end counts for the others.
        let second = Batch::of(4).next(15.0);
        assert_eq!(second.and_then(|batch| batch.seconds_left(&pace, 2, 10)), Some(38.0));
        let new = Pace::default();
        assert_eq!(second.and_then(|batch| batch.seconds_left(&new, 0, 10)), Some(45.0));
    }
}
