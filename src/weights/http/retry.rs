//! Failed requests, and the wait before the next attempt.

use std::time::Duration;

use super::policy::DownloadPolicy;
use super::transport::Clock;
use crate::error::{Error, Message, messages};

/// Why a request failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestError {
    /// Another attempt may succeed.
    Transient {
        /// Why it failed, as a clause.
        reason: Message,
        /// The wait that the server asks for.
        retry_after: Option<Duration>,
    },
    /// Another attempt would fail in the same way; why, as a clause.
    Permanent(Message),
}

impl RequestError {
    pub fn transient(reason: Message) -> Self {
        RequestError::Transient { reason, retry_after: None }
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

    /// Counts a failure of a request to `url` and waits until the next attempt.
    ///
    /// # Errors
    /// [`Error::Network`] if there is no further attempt.
    pub async fn wait(
        &mut self,
        error: RequestError,
        policy: &DownloadPolicy,
        clock: &impl Clock,
        url: &str,
    ) -> Result<(), Error> {
        let delay = self.delay(error, policy).map_err(|reason| network(url, reason))?;
        clock.sleep(delay).await;
        Ok(())
    }

    /// Counts a failure and returns the wait before the next attempt, or why there is none.
    fn delay(&mut self, error: RequestError, policy: &DownloadPolicy) -> Result<Duration, Message> {
        let (reason, retry_after) = match error {
            RequestError::Transient { reason, retry_after } => {
                (reason, retry_after.unwrap_or_default())
            }
            RequestError::Permanent(reason) => return Err(reason),
        };
        if retry_after > policy.max_retry_after {
            let minutes = retry_after.as_secs_f64() / 60.0;
            return Err(messages::try_again_in(reason, minutes.ceil() as u64));
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

pub fn network(url: &str, reason: Message) -> Error {
    Error::Network { url: url.to_string(), reason }
}
