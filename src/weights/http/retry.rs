//! Failed requests, and the wait before the next attempt.

use std::time::Duration;

use super::policy::DownloadPolicy;

/// Why a request failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestError {
    /// Another attempt may succeed.
    Transient {
        /// Why it failed, as a clause.
        reason: String,
        /// The wait that the server asks for.
        retry_after: Option<Duration>,
    },
    /// Another attempt would fail in the same way; why, as a clause.
    Permanent(String),
}

impl RequestError {
    pub fn transient(reason: impl Into<String>) -> Self {
        RequestError::Transient { reason: reason.into(), retry_after: None }
    }
}

/// Counts attempts since the last success.
#[derive(Debug, Clone, Copy)]
pub struct Retries {
    made: usize,
    limit: usize,
}

impl Retries {
    /// At most `limit` attempts after the first, and no more than the policy has waits for.
    pub fn new(limit: usize) -> Self {
        Retries { made: 0, limit }
    }

    /// Starts counting again after a success.
    pub fn reset(&mut self) {
        self.made = 0;
    }

    /// Counts a failure and returns the wait before the next attempt.
    ///
    /// # Errors
    /// Why there is no further attempt.
    pub fn delay(
        &mut self,
        error: RequestError,
        policy: &DownloadPolicy,
    ) -> Result<Duration, String> {
        let (reason, retry_after) = match error {
            RequestError::Transient { reason, retry_after } => {
                (reason, retry_after.unwrap_or_default())
            }
            RequestError::Permanent(reason) => return Err(reason),
        };
        if retry_after > policy.max_retry_after {
            let minutes = retry_after.as_millis().div_ceil(60_000);
            return Err(format!("{reason} and asks to try again in {minutes} minutes"));
        }
        match policy.back_off.get(self.made).filter(|_| self.made < self.limit) {
            Some(wait) => {
                self.made += 1;
                Ok(retry_after.max(*wait))
            }
            None => Err(reason),
        }
    }
}
