//! A whole prompt: its networks, and the texts of each part over the run.

use super::fault::{Fault, check_limits};
use super::grammar::Grammar;
use super::networks::{NetworkRef, take_networks};
use super::parts::{PartText, split_parts};
use super::schedule::{Entry, schedule};
use crate::error::messages;

/// What a prompt asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Prompt {
    /// Networks.
    pub networks: Vec<NetworkRef>,
    /// Parts, of which there is at least one.
    pub parts: Vec<Part>,
}

/// A part of a prompt, which is denoised apart from the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Factor of its guidance.
    pub weight: f64,
    /// Texts, of which there is at least one.
    pub schedule: Vec<Entry>,
}

impl Prompt {
    /// Reads a prompt for a run of `steps` evaluations.
    ///
    /// # Errors
    /// If a limit is exceeded, or a network's weight is no number.
    pub fn positive(text: &str, grammar: Grammar, steps: usize) -> Result<Self, Fault> {
        check_limits(text)?;
        if grammar != Grammar::A1111 {
            return Ok(Prompt::constant(text, steps));
        }
        let (rest, networks) = take_networks(text);
        let mut loras = networks.iter().filter(|network| network.is_lora());
        if let Some(text) = loras.find_map(|network| network.wrong_weight.as_ref()) {
            return Err(Fault::new(text, messages::lora_bad_weight()));
        }
        let parts = split_parts(&rest, false).into_iter().map(|PartText { text, weight }| {
            Ok(Part { weight, schedule: schedule(&text, steps)? })
        });
        Ok(Prompt { networks, parts: parts.collect::<Result<_, Fault>>()? })
    }

    /// Reads a negative prompt, in which AND and networks are text.
    ///
    /// # Errors
    /// If a limit is exceeded.
    pub fn negative(text: &str, grammar: Grammar, steps: usize) -> Result<Self, Fault> {
        check_limits(text)?;
        if grammar != Grammar::A1111 {
            return Ok(Prompt::constant(text, steps));
        }
        let part = Part { weight: 1.0, schedule: schedule(text, steps)? };
        Ok(Prompt { networks: Vec::new(), parts: vec![part] })
    }

    fn constant(text: &str, steps: usize) -> Self {
        let entry = Entry { until: steps.max(1), text: text.to_string() };
        Prompt { networks: Vec::new(), parts: vec![Part { weight: 1.0, schedule: vec![entry] }] }
    }
}
