//! Faults of a prompt, and the limits that it must keep.

use crate::error::{Error, Message, messages};

/// Longest prompt, in bytes.
pub const MAX_BYTES: usize = 64 << 10;

/// Largest number of brackets that are open at once.
pub const MAX_DEPTH: usize = 64;

/// Longest part of a prompt that is quoted, in characters.
const LONGEST_QUOTE: usize = 40;

/// Why a prompt cannot be used.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// The place in the prompt.
    pub place: String,
    /// What is wrong there.
    pub reason: Message,
}

impl Fault {
    pub(super) fn new(place: &str, reason: Message) -> Self {
        let mut shown: String = place.chars().take(LONGEST_QUOTE).collect();
        if shown.len() < place.len() {
            shown.push('…');
        }
        Fault { place: shown, reason }
    }

    /// Returns the error of the parameter `field`.
    pub fn error(self, field: &'static str) -> Error {
        let value = Message::verbatim(self.place);
        Error::InvalidRequest { field, value, reason: self.reason }
    }
}

/// Checks the length and the number of open brackets, on which the parsers' time and stack depend.
pub(super) fn check_limits(prompt: &str) -> Result<(), Fault> {
    if prompt.len() > MAX_BYTES {
        return Err(Fault::new(prompt, messages::prompt_too_long(MAX_BYTES)));
    }
    let (mut round, mut square) = (0_usize, 0_usize);
    let mut is_escaped = false;
    for (at, letter) in prompt.char_indices() {
        match letter {
            _ if is_escaped => {
                is_escaped = false;
                continue;
            }
            '\\' => is_escaped = true,
            '(' => round += 1,
            '[' => square += 1,
            ')' => round = round.saturating_sub(1),
            ']' => square = square.saturating_sub(1),
            _ => {}
        }
        if round + square > MAX_DEPTH {
            return Err(Fault::new(&prompt[at..], messages::prompt_too_nested(MAX_DEPTH)));
        }
    }
    Ok(())
}
