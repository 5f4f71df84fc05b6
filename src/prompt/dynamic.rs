//! Dynamic prompts: `{a|b}`, `{2$$a|b|c}` and wildcards `__name__`.
//!
//! The extension `sd-dynamic-prompts`, with its random generator.

use super::fault::{Fault, MAX_BYTES, MAX_DEPTH};
use crate::error::messages;

/// Draws choices: the same ones for the same seed.
pub struct Choices<'a> {
    state: u64,
    wildcard: &'a dyn Fn(&str) -> Option<Vec<String>>,
}

impl<'a> Choices<'a> {
    /// Returns the choices of `seed`. `wildcard` returns the lines of the wildcard of a name.
    pub fn new(seed: u64, wildcard: &'a dyn Fn(&str) -> Option<Vec<String>>) -> Self {
        Choices { state: seed, wildcard }
    }

    /// Returns a number below `count` (Steele et al. 2014, SplitMix64).
    fn below(&mut self, count: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % count.max(1) as u64) as usize
    }

    /// Replaces every choice and wildcard of a prompt.
    ///
    /// # Errors
    /// If a wildcard is not there, choices are nested too deeply, or the result is too long.
    pub fn expand(&mut self, prompt: &str) -> Result<String, Fault> {
        self.expand_at(prompt, 0)
    }

    fn expand_at(&mut self, text: &str, depth: usize) -> Result<String, Fault> {
        if depth > MAX_DEPTH {
            return Err(Fault::new(text, messages::choices_too_nested(MAX_DEPTH)));
        }
        let (mut expanded, mut rest) = (String::new(), text);
        while let Some(at) = rest.find(['{', '_']) {
            expanded.push_str(&rest[..at]);
            rest = &rest[at..];
            if let Some((inside, behind)) = choice(rest) {
                expanded += &self.choose(inside, depth)?;
                rest = behind;
            } else if let Some((name, behind)) = wildcard(rest) {
                let place = &rest[..rest.len() - behind.len()];
                let lines = (self.wildcard)(name).filter(|lines| !lines.is_empty());
                let lines = lines.ok_or_else(|| Fault::new(place, messages::no_wildcard(name)))?;
                let line = lines[self.below(lines.len())].clone();
                expanded += &self.expand_at(&line, depth + 1)?;
                rest = behind;
            } else {
                let sign = rest.chars().next().map_or(0, char::len_utf8);
                expanded.push_str(&rest[..sign]);
                rest = &rest[sign..];
            }
            if expanded.len() > MAX_BYTES {
                return Err(Fault::new(text, messages::prompt_too_long(MAX_BYTES)));
            }
        }
        expanded.push_str(rest);
        Ok(expanded)
    }

    /// Chooses among `a|b`, `3::a|b` or `2$$a|b`, with `2$$ and $$a|b` joined by ` and `.
    fn choose(&mut self, inside: &str, depth: usize) -> Result<String, Fault> {
        let (count, joint, options) = match inside.split_once("$$") {
            Some((count, rest)) if self.count(count, 0).is_some() => match rest.split_once("$$") {
                Some((joint, options)) if !joint.contains(['|', '{', '}']) => {
                    (Some(count), joint, options)
                }
                _ => (Some(count), ", ", rest),
            },
            _ => (None, ", ", inside),
        };
        let mut options: Vec<(f64, &str)> =
            split_options(options).into_iter().map(weighted).collect();
        let count = count.and_then(|count| self.count(count, options.len()));
        let mut chosen = Vec::new();
        for _ in 0..count.unwrap_or(1).min(options.len()) {
            let total: f64 = options.iter().map(|(weight, _)| weight).sum();
            let mut left = self.below(1 << 30) as f64 / f64::from(1 << 30) * total;
            let at = options.iter().position(|(weight, _)| {
                left -= weight;
                left < 0.0
            });
            let (_, option) = options.remove(at.unwrap_or(options.len() - 1));
            chosen.push(self.expand_at(option, depth + 1)?);
        }
        Ok(chosen.join(joint))
    }

    /// Reads `2` or `1-3`, and draws a number of the range.
    fn count(&mut self, text: &str, most: usize) -> Option<usize> {
        let number = |text: &str| text.trim().parse::<usize>().ok();
        match text.split_once('-') {
            None => number(text),
            Some((low, high)) => {
                let low = if low.trim().is_empty() { 1 } else { number(low)? };
                let high = if high.trim().is_empty() { most } else { number(high)? };
                let span = high.saturating_sub(low).min(most) + 1;
                Some(low.saturating_add(self.below(span)))
            }
        }
    }
}

/// Splits `{inside}behind`, if there is a choice inside.
fn choice(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 1 => {
                let inside = text.get(1..at)?;
                return inside.contains('|').then(|| (inside, &text[at + 1..]));
            }
            '}' => depth = depth.checked_sub(1)?,
            _ if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// Splits at each `|` that is not inside of another choice.
fn split_options(text: &str) -> Vec<&str> {
    let (mut options, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '|' if depth == 0 => {
                options.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    options.push(&text[start..]);
    options
}

/// Reads `3::option`.
fn weighted(option: &str) -> (f64, &str) {
    let weight = option.split_once("::").and_then(|(weight, rest)| {
        let weight: f64 = weight.trim().parse().ok()?;
        (weight.is_finite() && weight >= 0.0).then_some((weight, rest))
    });
    weight.unwrap_or((1.0, option))
}

/// Splits `__name__behind`; a name has letters, digits, `-`, `/` and single `_`.
fn wildcard(text: &str) -> Option<(&str, &str)> {
    let (name, behind) = text.strip_prefix("__")?.split_once("__")?;
    let is_name = !name.is_empty() && name.chars().all(is_of_name) && !name.starts_with(['/', ' ']);
    is_name.then_some((name, behind))
}

/// Returns the name of the wildcard in a file: its path without `.txt`, with `-` and `_` in place of what a name
/// cannot have. `None` if nothing is left.
pub fn wildcard_name(path: &str) -> Option<String> {
    let end = path.len().checked_sub(".txt".len());
    let end =
        end.filter(|end| path.get(*end..).is_some_and(|end| end.eq_ignore_ascii_case(".txt")));
    let stem = end.map_or(path, |end| &path[..end]);
    let mut name = String::new();
    for letter in stem.chars() {
        let letter = if is_of_name(letter) { letter } else { '-' };
        if !(letter == '_' && name.ends_with('_')) {
            name.push(letter);
        }
    }
    let name = name.trim_matches(['_', '/', ' ']);
    (!name.is_empty()).then(|| name.to_string())
}

fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-' | '/' | ' ')
}

/// Returns whether a prompt has choices or wildcards, which [`Choices`] would draw.
pub fn has_choices(prompt: &str) -> bool {
    // A wildcard that is not there is an error.
    let drawn = Choices::new(0, &|_| None).expand(prompt);
    drawn.map_or(true, |drawn| drawn != prompt)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Choices, wildcard, wildcard_name};

    fn lines(name: &str) -> Option<Vec<String>> {
        let lines: &[&str] = match name {
            "animal" => &["cat", "__bird__"],
            "bird" => &["owl"],
            "loop" => &["__loop__"],
            _ => return None,
        };
        Some(lines.iter().map(|line| line.to_string()).collect())
    }

    fn all(prompt: &str) -> BTreeSet<String> {
        (0..200).map(|seed| Choices::new(seed, &lines).expand(prompt).unwrap()).collect()
    }

    fn set(texts: &[&str]) -> BTreeSet<String> {
        texts.iter().map(|text| text.to_string()).collect()
    }

    #[test]
    fn every_option_is_chosen_and_a_seed_chooses_the_same() {
        assert_eq!(
            all("a {red|blue|{dark|light} green} cat"),
            set(&["a red cat", "a blue cat", "a dark green cat", "a light green cat",])
        );
        assert_eq!(all("{2$$a|b}"), set(&["a, b", "b, a"]));
        assert_eq!(all("{1-2$$ and $$a|b}"), set(&["a", "b", "a and b", "b and a"]));
        assert_eq!(all("{0::a|b}"), set(&["b"]));
        assert_eq!(all("an __animal__"), set(&["an cat", "an owl"]));
        let draw = |seed| Choices::new(seed, &lines).expand("{a|b|c|d|e|f|g|h}").unwrap();
        assert_eq!(draw(5), draw(5));
    }

    #[test]
    fn signs_without_a_choice_are_text() {
        for text in ["{a}", "{a", "a|b", "a}b{", "__", "a__b", "____", "{{a}} _b_", "__a"] {
            assert_eq!(all(text), set(&[text]), "{text}");
        }
    }

    #[test]
    fn file_names_become_names_that_a_prompt_can_have() {
        for (path, name) in [
            ("animals.txt", "animals"),
            ("art/Old Masters.TXT", "art/Old Masters"),
            ("my__list.v2.txt", "my_list-v2"),
            ("_水果_.txt", "水果"),
        ] {
            assert_eq!(wildcard_name(path).as_deref(), Some(name));
            assert_eq!(wildcard(&format!("__{name}__, red")), Some((name, ", red")));
        }
        assert_eq!(wildcard_name("__.txt"), None);
        assert_eq!(wildcard_name(".txt"), None);
    }

    #[test]
    fn missing_and_endless_wildcards_are_errors() {
        let error = |prompt: &str| {
            let fault = Choices::new(0, &lines).expand(prompt).unwrap_err();
            fault.error("prompt").to_string()
        };
        assert!(error("a __fish__").contains("__fish__"), "{}", error("a __fish__"));
        assert!(error("__loop__").contains("64"), "{}", error("__loop__"));
    }
}
