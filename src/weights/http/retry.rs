//! Failed requests, and the wait before the next attempt.

use std::time::Duration;

use super::policy::DownloadPolicy;
use super::transport::Clock;
use crate::error::{Error, Id, Message, messages};
use crate::weights::address::{Repository, without_secrets};

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
    /// The server gave no answer at all; why, as a clause. Another attempt may succeed, unless the
    /// address is wrong.
    Unreachable(Message),
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
    /// Attempts after the first while the server gives no answer at all.
    unreachable_limit: usize,
}

impl Retries {
    /// At most `limit` attempts after the first, and no more than the policy has waits for.
    pub fn new(limit: usize) -> Self {
        Retries { made: 0, limit, unreachable_limit: limit }
    }

    /// At most `limit` attempts after the first while the server gives no answer at all.
    pub fn while_unreachable(self, limit: usize) -> Self {
        Retries { unreachable_limit: limit.min(self.limit), ..self }
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
        let (reason, retry_after, limit) = match error {
            RequestError::Transient { reason, retry_after } => {
                (reason, retry_after.unwrap_or_default(), self.limit)
            }
            RequestError::Unreachable(reason) => (reason, Duration::ZERO, self.unreachable_limit),
            RequestError::Permanent(reason) => return Err(reason),
        };
        if retry_after > policy.max_retry_after {
            let minutes = retry_after.as_secs_f64() / 60.0;
            return Err(messages::try_again_in(reason, minutes.ceil() as u64));
        }
        match policy.back_off.get(self.made).filter(|_| self.made < limit) {
            Some(wait) => {
                self.made += 1;
                Ok(retry_after.max(*wait))
            }
            None => Err(reason),
        }
    }
}

fn status(reason: &Message) -> String {
    reason.argument("status").map(Message::to_string).unwrap_or_default()
}

/// Returns the error of a failed download. A key in the address is not shown, and where the whole
/// repository is refused, its name says more than the address of a file in it.
pub fn network(url: &str, reason: Message) -> Error {
    let repository = Repository::of_url(url);
    let reason = match (reason.id(), &repository) {
        (Some(Id::server_unreachable | Id::server_silent), Some(hub)) if hub.is_on_hub() => {
            messages::hub_unreachable(hub.on_mirror())
        }
        // The Hub's answer is its own; there the user can do something about it.
        (Some(Id::sign_in_needed), Some(_)) => messages::access_refused(status(&reason)),
        (Some(Id::access_refused), None) => messages::not_permitted(status(&reason)),
        _ => reason,
    };
    let place = match (reason.id(), repository) {
        (
            Some(
                Id::no_public_model
                | Id::gated_model
                | Id::model_disabled
                | Id::no_such_revision
                | Id::hub_unreachable,
            ),
            Some(repository),
        ) => repository.name(),
        _ => without_secrets(url),
    };
    Error::Network { url: place, reason }
}

#[cfg(test)]
mod tests {
    use super::network;
    use crate::error::messages;

    const FILE: &str = "https://huggingface.co/o/n/resolve/main/model_index.json?token=secret";

    #[test]
    fn refused_repository_is_named_and_the_remedy_fits() {
        for (reason, sentence) in [
            (
                messages::no_public_model(),
                "o/n could not be fetched: there is no public model of this name. Check the spelling.",
            ),
            (
                messages::gated_model(),
                "o/n could not be fetched: its licence must be accepted first. Accept it on",
            ),
            (
                messages::server_unreachable(),
                "o/n could not be fetched: huggingface.co was not reached; where it is blocked, its \
                 mirror may be reached: https://hf-mirror.com/o/n. Check the connection",
            ),
            (
                messages::access_refused("403 Forbidden"),
                "model_index.json could not be fetched: the server refuses access (403 Forbidden). \
                 Sign in there",
            ),
            (
                messages::sign_in_needed("401 Unauthorized"),
                "the server refuses access (401 Unauthorized). Sign in there",
            ),
            (
                messages::too_many_requests("429 Too Many Requests"),
                "answered 429 Too Many Requests. Too many requests were made from here; wait",
            ),
            (messages::legally_withheld(), "for legal reasons. Choose another model."),
        ] {
            let said = network(FILE, reason).to_string();
            assert!(said.contains(sentence), "{said}");
            assert!(!said.contains("secret"), "{said}");
        }
    }

    #[test]
    fn refusal_of_other_server_says_what_helps_there() {
        let url = "https://a.example/x/unet/config.json?sig=secret";
        for (reason, sentence) in [
            (
                messages::sign_in_needed("401 Unauthorized"),
                "the server asks for a sign-in (401 Unauthorized). This page cannot sign in there: sign \
                 in with your browser, download the model and open it from your disk.",
            ),
            (
                messages::access_refused("403 Forbidden"),
                "the server does not permit it (403 Forbidden). Check the address: a signature in it may \
                 have expired. This page cannot sign in there; if you may have the model, download it \
                 with your browser and open it from your disk.",
            ),
            (
                messages::too_many_requests("429"),
                "the server answered 429. Too many requests were made from here; wait a few minutes and \
                 try again.",
            ),
            (
                messages::server_fault("502 Bad Gateway"),
                "the server has a fault (502 Bad Gateway). The fault is not yours: try again later, or \
                 get the model from another place.",
            ),
            (
                messages::server_answered("400 Bad Request"),
                "the server answered 400 Bad Request. Check the address and try again.",
            ),
        ] {
            let said = network(url, reason).to_string();
            let place = "https://a.example/x/unet/config.json could not be fetched: ";
            assert_eq!(said, format!("{place}{sentence}"));
        }
    }

    #[test]
    fn unreachable_server_is_reported_with_cors() {
        let url = "https://a.example/x/unet/config.json?sig=secret";
        let said = network(url, messages::server_unreachable()).to_string();
        assert!(said.contains("its server was not reached"), "{said}");
    }
}
