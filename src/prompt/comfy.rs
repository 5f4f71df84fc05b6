//! ComfyUI's weights: `(word)`, `(word:1.3)`.
//!
//! ComfyUI `comfy/sd1_clip.py` (`parse_parentheses`, `token_weights`).

use super::fault::{Fault, MAX_DEPTH};
use super::fragment::Fragment;
use crate::error::messages;

/// Factor of a bracket without a number.
const BRACKET: f64 = 1.1;

/// Stand for `\(` and `\)` while brackets are read.
const ESCAPES: [(&str, &str, &str); 2] = [("\\)", "\0\u{1}", ")"), ("\\(", "\0\u{2}", "(")];

/// Splits a text into fragments of one weight.
pub(super) fn fragments(text: &str) -> Result<Vec<Fragment>, Fault> {
    let escaped = ESCAPES
        .iter()
        .fold(text.to_string(), |text, (written, mark, _)| text.replace(written, mark));
    let mut found = Vec::new();
    weigh(&escaped, 1.0, 0, &mut found)?;
    let fragments = found.into_iter().map(|(text, weight)| {
        let text = ESCAPES.iter().fold(text, |text, (_, mark, sign)| text.replace(mark, sign));
        Fragment::Text { text, weight }
    });
    Ok(fragments.collect())
}

fn weigh(
    text: &str,
    weight: f64,
    depth: usize,
    found: &mut Vec<(String, f64)>,
) -> Result<(), Fault> {
    if depth > MAX_DEPTH {
        return Err(Fault::new(text, messages::prompt_too_nested(MAX_DEPTH)));
    }
    for item in items(text) {
        let inner = item.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        let Some(inner) = inner else {
            found.push((item.to_string(), weight));
            continue;
        };
        let (mut inner, mut own) = (inner, weight * BRACKET);
        // A colon in the first place names no weight.
        if let Some((words, number)) = inner.rsplit_once(':').filter(|(words, _)| !words.is_empty())
            && let Ok(number) = number.trim().parse::<f64>()
        {
            if !number.is_finite() {
                return Err(Fault::new(item, messages::prompt_bad_weight(number.to_string())));
            }
            (inner, own) = (words, number);
        }
        weigh(inner, own, depth + 1, found)?;
    }
    Ok(())
}

/// Splits into brackets of the first level and the texts between them. An unclosed bracket makes the
/// rest one text.
fn items(text: &str) -> Vec<&str> {
    let (mut items, mut start, mut level) = (Vec::new(), 0, 0_i64);
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => {
                if level == 0 && at > start {
                    items.push(&text[start..at]);
                    start = at;
                }
                level += 1;
            }
            ')' => {
                level -= 1;
                if level == 0 {
                    items.push(&text[start..=at]);
                    start = at + 1;
                }
            }
            _ => {}
        }
    }
    if start < text.len() {
        items.push(&text[start..]);
    }
    items
}
