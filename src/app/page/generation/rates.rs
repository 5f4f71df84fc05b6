//! Estimates of remaining time.

/// Moving average of the duration of a denoising step.
#[derive(Debug, Default)]
pub struct StepRate {
    last: Option<f64>,
    step: Option<f64>,
}

/// Weight of the newest sample in the moving averages.
const SMOOTHING: f64 = 0.3;

impl StepRate {
    /// Records a step completed at `now`, in milliseconds. The time before the first step includes
    /// kernel compilation and is not counted.
    pub fn step_done(&mut self, now: f64) {
        if let Some(last) = self.last.replace(now) {
            let duration = (now - last).max(0.0);
            self.step =
                Some(self.step.map_or(duration, |mean| mean + SMOOTHING * (duration - mean)));
        }
    }

    /// Returns the estimated seconds for `steps` steps; unknown before the second step.
    pub fn seconds_left(&self, steps: u32) -> Option<f64> {
        self.step.map(|step| step * f64::from(steps) / 1000.0)
    }
}

/// Moving average of a download's bytes per second.
#[derive(Debug, Default)]
pub struct DownloadRate {
    /// Start of the current interval in milliseconds, and the bytes received until then.
    since: Option<(f64, u64)>,
    rate: Option<f64>,
}

/// Minimum interval, milliseconds; shorter ones measure buffers rather than the network.
const MIN_INTERVAL: f64 = 1_000.0;

impl DownloadRate {
    /// Records that `received` bytes had arrived at `now`, in milliseconds.
    pub fn add_sample(&mut self, now: f64, received: u64) {
        let (start, bytes) = *self.since.get_or_insert((now, received));
        if now - start >= MIN_INTERVAL {
            let rate = received.saturating_sub(bytes) as f64 * 1000.0 / (now - start);
            self.rate = Some(self.rate.map_or(rate, |mean| mean + SMOOTHING * (rate - mean)));
            self.since = Some((now, received));
        }
    }

    /// Starts a new interval, because bytes came from another source.
    pub fn restart(&mut self) {
        self.since = None;
    }

    /// Returns bytes per second; unknown at first.
    pub fn rate(&self) -> Option<f64> {
        self.rate
    }
}

#[cfg(test)]
mod tests {
    use super::{DownloadRate, StepRate};

    #[test]
    fn download_rate_excludes_other_sources() {
        let mut download_rate = DownloadRate::default();
        download_rate.add_sample(0.0, 1_000_000);
        download_rate.add_sample(500.0, 3_000_000);
        assert_eq!(download_rate.rate(), None);
        download_rate.add_sample(1_000.0, 5_000_000);
        assert_eq!(download_rate.rate(), Some(4_000_000.0));
        download_rate.restart();
        download_rate.add_sample(2_000.0, 900_000_000);
        assert_eq!(download_rate.rate(), Some(4_000_000.0));
    }

    #[test]
    fn seconds_left_before_second_step_is_none() {
        let mut rate = StepRate::default();
        assert_eq!(rate.seconds_left(9), None);
        rate.step_done(5_000.0);
        assert_eq!(rate.seconds_left(9), None);
        rate.step_done(6_000.0);
        assert_eq!(rate.seconds_left(9), Some(9.0));
    }

    #[test]
    fn seconds_left_follows_slower_steps_smoothly() {
        let mut rate = StepRate::default();
        for now in [0.0, 1_000.0, 2_000.0, 4_000.0] {
            rate.step_done(now);
        }
        let left = rate.seconds_left(10).unwrap_or_default();
        assert!((left - 13.0).abs() < 1e-9, "{left}");
    }

    #[test]
    fn seconds_left_with_backward_clock_is_zero() {
        let mut rate = StepRate::default();
        rate.step_done(10.0);
        rate.step_done(9.0);
        assert_eq!(rate.seconds_left(3), Some(0.0));
    }
}
