//! What a failed request means, and after how long it is made again.

use super::promise::sleep;
use crate::error::{Message, messages};

/// How long to wait before each further attempt, in milliseconds.
const BACK_OFF: [u32; 5] = [500, 1_000, 2_000, 4_000, 8_000];

/// A small file may be asked for so often; weights, which take minutes, are worth every attempt.
const FEW: usize = 3;

/// A server may ask to be left alone for so many milliseconds; for more, the user shall decide.
const MOST_WAIT: u32 = 60_000;

/// Why a request came to nothing.
pub enum Failure {
    /// Another attempt may help, after `wait` milliseconds if the server says how long.
    Passing { reason: Message, wait: Option<u32> },
    /// The server means it.
    Lasting(Message),
}

impl Failure {
    pub fn passing(reason: Message) -> Self {
        Failure::Passing { reason, wait: None }
    }

    pub fn into_reason(self) -> Message {
        match self {
            Failure::Passing { reason, .. } | Failure::Lasting(reason) => reason,
        }
    }
}

/// The attempts that are left.
#[derive(Clone, Copy)]
pub struct Attempts {
    made: usize,
    most: usize,
}

impl Attempts {
    pub fn few() -> Self {
        Attempts { made: 0, most: FEW }
    }

    pub fn many() -> Self {
        Attempts { made: 0, most: BACK_OFF.len() }
    }

    /// Something arrived: the next failure is another one.
    pub fn renew(&mut self) {
        self.made = 0;
    }

    /// Waits until the time for the next attempt.
    ///
    /// # Errors
    /// Why there shall be none.
    pub async fn wait(&mut self, failure: Failure) -> Result<(), Message> {
        let (reason, asked) = match failure {
            Failure::Passing { reason, wait } => (reason, wait.unwrap_or(0)),
            Failure::Lasting(reason) => return Err(reason),
        };
        if asked > MOST_WAIT {
            let minutes = asked.div_ceil(60_000);
            return Err(messages::try_again_in(reason, minutes));
        }
        match BACK_OFF.get(self.made).filter(|_| self.made < self.most) {
            Some(wait) => {
                self.made += 1;
                sleep(asked.max(*wait)).await;
                Ok(())
            }
            None => Err(reason),
        }
    }
}
