//! Weights of words: `(word)`, `(word:1.3)`, `[word]`, and `BREAK`.
//!
//! AUTOMATIC1111 `modules/prompt_parser.py` (`parse_prompt_attention`).

use super::comfy;
use super::fault::{Fault, check_limits};
use super::fragment::Fragment;
use super::grammar::{Emphasis, Grammar};
use super::parts::split_at_word;
use crate::error::messages;

/// Factor of a round bracket.
const ROUND: f64 = 1.1;
/// Factor of a square bracket.
const SQUARE: f64 = 1.0 / 1.1;
/// Weight that marks a BREAK. In brackets it is multiplied, and the BREAK becomes a word.
const BREAK_WEIGHT: f64 = -1.0;
const BREAK: &str = "BREAK";

/// Splits a text into fragments of one weight.
///
/// # Errors
/// If a weight is no number, or a limit is exceeded.
pub fn fragments(text: &str, grammar: Grammar, emphasis: Emphasis) -> Result<Vec<Fragment>, Fault> {
    check_limits(text)?;
    let whole = || vec![Fragment::Text { text: text.to_string(), weight: 1.0 }];
    match (grammar, emphasis) {
        (Grammar::Plain, _) | (Grammar::A1111, Emphasis::None) => Ok(whole()),
        (Grammar::Comfy, _) => comfy::fragments(text),
        (Grammar::A1111, Emphasis::Ignore) => {
            let mut fragments = a1111(text)?;
            for fragment in &mut fragments {
                if let Fragment::Text { weight, .. } = fragment {
                    *weight = 1.0;
                }
            }
            Ok(fragments)
        }
        (Grammar::A1111, Emphasis::Original | Emphasis::NoNorm) => a1111(text),
    }
}

fn a1111(text: &str) -> Result<Vec<Fragment>, Fault> {
    let mut pieces: Vec<(String, f64)> = Vec::new();
    let (mut round, mut square) = (Vec::new(), Vec::new());
    let multiply = |pieces: &mut Vec<(String, f64)>, from: usize, factor: f64| {
        pieces.iter_mut().skip(from).for_each(|piece| piece.1 *= factor);
    };
    let mut rest = text;
    while let Some(sign) = rest.chars().next() {
        let (token, behind) = rest.split_at(token_len(rest, sign));
        match sign {
            '\\' => pieces.push((token[1..].to_string(), 1.0)),
            '(' => round.push((pieces.len(), rest)),
            '[' => square.push((pieces.len(), rest)),
            ':' if token.len() > 1 && !round.is_empty() => {
                if let Some((from, place)) = round.pop() {
                    let factor = number(token).ok_or_else(|| {
                        let place = &place[..place.len() - behind.len()];
                        Fault::new(place, messages::prompt_bad_weight(number_text(token)))
                    })?;
                    multiply(&mut pieces, from, factor);
                }
            }
            ')' if !round.is_empty() => {
                if let Some((from, _)) = round.pop() {
                    multiply(&mut pieces, from, ROUND);
                }
            }
            ']' if !square.is_empty() => {
                if let Some((from, _)) = square.pop() {
                    multiply(&mut pieces, from, SQUARE);
                }
            }
            _ => push_text(&mut pieces, token),
        }
        rest = behind;
    }
    round.into_iter().for_each(|(from, _)| multiply(&mut pieces, from, ROUND));
    square.into_iter().for_each(|(from, _)| multiply(&mut pieces, from, SQUARE));
    Ok(joined(pieces))
}

/// Returns the length of the token at the start of `rest`, whose first letter is `sign`.
fn token_len(rest: &str, sign: char) -> usize {
    match sign {
        '\\' => match rest[1..].chars().next() {
            Some('(' | ')' | '[' | ']' | '\\') => 2,
            _ => 1,
        },
        ':' => weight_len(rest).unwrap_or(1),
        '(' | ')' | '[' | ']' => 1,
        _ => rest.find(['\\', '(', ')', '[', ']', ':']).unwrap_or(rest.len()),
    }
}

/// Returns the length of a weight with its bracket: `:\s*([+-]?[.\d]+)\s*\)`.
fn weight_len(rest: &str) -> Option<usize> {
    let number = rest[1..].trim_start();
    let digits = number.strip_prefix(['+', '-']).unwrap_or(number);
    let behind = digits.trim_start_matches(|letter: char| letter == '.' || letter.is_ascii_digit());
    let end = behind.trim_start().strip_prefix(')')?;
    (behind.len() < digits.len()).then_some(rest.len() - end.len())
}

/// Returns the text of the number in `: 1.3 )`.
fn number_text(token: &str) -> &str {
    token.trim_start_matches(':').trim_end_matches(')').trim()
}

fn number(token: &str) -> Option<f64> {
    number_text(token).parse().ok().filter(|number: &f64| number.is_finite())
}

/// Appends a text, with a marker for each BREAK in it.
fn push_text(pieces: &mut Vec<(String, f64)>, text: &str) {
    let parts = split_at_word(text, BREAK);
    let last = parts.len() - 1;
    for (index, part) in parts.into_iter().enumerate() {
        let mut part = part;
        if index > 0 {
            pieces.push((BREAK.to_string(), BREAK_WEIGHT));
            part = part.trim_start();
        }
        if index < last {
            part = part.trim_end();
        }
        pieces.push((part.to_string(), 1.0));
    }
}

/// Joins neighbours of equal weight, and tells markers from words.
fn joined(pieces: Vec<(String, f64)>) -> Vec<Fragment> {
    let mut joined: Vec<(String, f64)> = Vec::new();
    for (text, weight) in pieces {
        match joined.last_mut() {
            Some(last) if last.1 == weight => last.0 += &text,
            _ => joined.push((text, weight)),
        }
    }
    if joined.is_empty() {
        joined.push((String::new(), 1.0));
    }
    let fragments =
        joined.into_iter().map(|(text, weight)| match text == BREAK && weight == BREAK_WEIGHT {
            true => Fragment::Break,
            false => Fragment::Text { text, weight },
        });
    fragments.collect()
}
