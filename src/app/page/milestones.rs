//! Milestones of a progress, which are spoken; all other progress is only shown.

/// Milliseconds without a milestone after which a slow progress is spoken nevertheless.
const SILENCE: f64 = 20_000.0;

/// The milestones of one progress.
#[derive(Debug, Clone, Copy, Default)]
pub struct Milestones {
    /// Quarters that are complete.
    quarters: u32,
    /// When it was spoken last, or began, milliseconds.
    spoken: Option<f64>,
}

impl Milestones {
    /// Returns whether to speak: a quarter is complete, or the last milestone is 20 s ago.
    /// `fraction`: the completed part; `now`: milliseconds.
    pub fn is_due(&mut self, fraction: f64, now: f64) -> bool {
        let quarters = (4.0 * fraction) as u32;
        let since = now - *self.spoken.get_or_insert(now);
        let is_due = quarters > self.quarters || since >= SILENCE;
        // A new progress begins at a smaller part.
        self.quarters = quarters;
        if is_due {
            self.spoken = Some(now);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::Milestones;

    #[test]
    fn every_quarter_is_spoken_once() {
        let mut milestones = Milestones::default();
        let steps = (1..=20).filter(|step| milestones.is_due(f64::from(*step) / 20.0, 0.0));
        assert_eq!(steps.collect::<Vec<_>>(), [5, 10, 15, 20]);
    }

    #[test]
    fn slow_progress_is_spoken_every_20_seconds() {
        let mut milestones = Milestones::default();
        let spoken = (0..=50).filter(|second| milestones.is_due(0.1, f64::from(*second) * 1000.0));
        assert_eq!(spoken.collect::<Vec<_>>(), [20, 40]);
    }

    #[test]
    fn next_progress_begins_anew() {
        let mut milestones = Milestones::default();
        assert!(milestones.is_due(1.0, 0.0));
        assert!(!milestones.is_due(0.1, 1.0));
        assert!(milestones.is_due(0.3, 2.0));
    }
}
