//! How long the rest of a run, or of a download, will take.

/// The pace of a run, from the moments at which its steps were done.
#[derive(Debug, Default)]
pub struct Pace {
    last: Option<f64>,
    step: Option<f64>,
}

/// How much the newest step counts in the moving average.
const NEWEST: f64 = 0.3;

impl Pace {
    /// Notes that a step was done at `now`, in milliseconds. The time before the first step is not a
    /// step's: kernels are compiled in it.
    pub fn step_done(&mut self, now: f64) {
        if let Some(last) = self.last.replace(now) {
            let took = (now - last).max(0.0);
            self.step = Some(self.step.map_or(took, |mean| mean + NEWEST * (took - mean)));
        }
    }

    /// Seconds for `steps` more; unknown before the second step.
    pub fn seconds_left(&self, steps: u32) -> Option<f64> {
        self.step.map(|step| step * f64::from(steps) / 1000.0)
    }
}

/// The flow of a download, from how much had arrived when.
#[derive(Debug, Default)]
pub struct Flow {
    /// When the current stretch began, and with how many bytes.
    since: Option<(f64, u64)>,
    rate: Option<f64>,
}

/// Shorter stretches, in milliseconds, say more about buffers than about the network.
const STRETCH: f64 = 1_000.0;

impl Flow {
    /// Notes that `received` bytes were here at `now`, in milliseconds.
    pub fn arrived(&mut self, now: f64, received: u64) {
        let (start, bytes) = *self.since.get_or_insert((now, received));
        if now - start >= STRETCH {
            let rate = received.saturating_sub(bytes) as f64 * 1000.0 / (now - start);
            self.rate = Some(self.rate.map_or(rate, |mean| mean + NEWEST * (rate - mean)));
            self.since = Some((now, received));
        }
    }

    /// What came from elsewhere does not count.
    pub fn jumped(&mut self) {
        self.since = None;
    }

    /// Bytes a second; unknown at first.
    pub fn rate(&self) -> Option<f64> {
        self.rate
    }
}

#[cfg(test)]
mod tests {
    use super::{Flow, Pace};

    #[test]
    fn a_flow_counts_only_what_flowed() {
        let mut flow = Flow::default();
        flow.arrived(0.0, 1_000_000);
        flow.arrived(500.0, 3_000_000);
        assert_eq!(flow.rate(), None);
        flow.arrived(1_000.0, 5_000_000);
        assert_eq!(flow.rate(), Some(4_000_000.0));
        flow.jumped();
        flow.arrived(2_000.0, 900_000_000);
        assert_eq!(flow.rate(), Some(4_000_000.0));
    }

    #[test]
    fn says_nothing_before_the_second_step() {
        let mut pace = Pace::default();
        assert_eq!(pace.seconds_left(9), None);
        pace.step_done(5_000.0);
        assert_eq!(pace.seconds_left(9), None);
        pace.step_done(6_000.0);
        assert_eq!(pace.seconds_left(9), Some(9.0));
    }

    #[test]
    fn follows_a_change_of_pace_without_jumping() {
        let mut pace = Pace::default();
        for now in [0.0, 1_000.0, 2_000.0, 4_000.0] {
            pace.step_done(now);
        }
        let left = pace.seconds_left(10).unwrap_or_default();
        assert!((left - 13.0).abs() < 1e-9, "{left}");
    }

    #[test]
    fn a_clock_that_stands_still_gives_nothing_negative() {
        let mut pace = Pace::default();
        pace.step_done(10.0);
        pace.step_done(9.0);
        assert_eq!(pace.seconds_left(3), Some(0.0));
    }
}
