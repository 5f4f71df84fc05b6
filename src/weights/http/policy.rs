//! Sizes, time-outs and numbers of attempts of downloads.

use std::time::Duration;

/// How files are requested, and how long failures are tolerated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DownloadPolicy {
    /// Bytes of every stored chunk but a file's last. Large: few requests and few transactions; not
    /// larger, because a broken connection loses up to one chunk on the next visit.
    pub chunk_size: u64,
    /// Requests at once, over all files.
    pub connections: usize,
    /// A connection that is silent for so long is given up.
    pub silence: Duration,
    /// The waits before each further attempt after a transient failure. Bytes that arrive start the
    /// list again.
    pub back_off: Vec<Duration>,
    /// Attempts after the first for small files and lengths. Weights, which take minutes, get as
    /// many as `back_off` has entries.
    pub small_file_retries: usize,
    /// A server's `Retry-After` is obeyed up to so long; beyond, the download fails.
    pub max_retry_after: Duration,
    /// Rounds of requests without a new chunk after which a download fails: the server answers
    /// differently each time.
    pub max_rounds_without_progress: u32,
    /// Pause after such a round.
    pub round_pause: Duration,
    /// How long the network may take for a small file that is also stored.
    pub revalidation: Duration,
    /// Interval at which the progress of another tab's download is read from the store.
    pub other_tab_interval: Duration,
    /// Bytes of the largest file that is read as a whole: a config or a vocabulary.
    pub max_small_file: usize,
}

impl Default for DownloadPolicy {
    fn default() -> Self {
        let milliseconds = Duration::from_millis;
        DownloadPolicy {
            chunk_size: 16 << 20,
            connections: 4,
            silence: Duration::from_secs(20),
            back_off: [500, 1_000, 2_000, 4_000, 8_000].map(milliseconds).to_vec(),
            small_file_retries: 3,
            max_retry_after: Duration::from_secs(60),
            max_rounds_without_progress: 4,
            round_pause: milliseconds(500),
            revalidation: Duration::from_secs(5),
            other_tab_interval: milliseconds(500),
            max_small_file: 64 << 20,
        }
    }
}
