//! State of many prompts: what of the prompt's text is expanded, and the wildcard files.

use std::collections::BTreeMap;

use crate::error::{Error, Message, Result, messages};
use crate::params::{GenerationParams, MOST_PICTURES, NUM_IMAGES, PartialParams};
use crate::prompt::{Choices, prompt_lines, wildcard_lines};

/// What of the prompt's text is expanded, and the wildcard files by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expansion {
    /// Whether each line is a prompt of its own.
    pub each_line: bool,
    /// Whether `{a|b}` and `__name__` are drawn.
    pub draws: bool,
    wildcards: BTreeMap<String, Vec<String>>,
}

impl Expansion {
    /// Returns the wildcards by name, with their choices.
    pub fn wildcards(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.wildcards.iter().map(|(name, choices)| (name.as_str(), choices.as_slice()))
    }

    /// Adds the wildcard of a file's text, or replaces that of its name. Returns false if there is no choice in it.
    pub fn add_wildcard(&mut self, name: &str, text: &str) -> bool {
        let choices = wildcard_lines(text);
        let has_choices = !choices.is_empty();
        if has_choices {
            self.wildcards.insert(name.to_string(), choices);
        }
        has_choices
    }

    /// Removes a wildcard.
    pub fn remove_wildcard(&mut self, name: &str) {
        self.wildcards.remove(name);
    }

    /// Returns the prompts in a text, of which there is at least one.
    pub fn prompts(&self, text: &str) -> Vec<String> {
        let lines = if self.each_line { prompt_lines(text) } else { Vec::new() };
        if lines.is_empty() { vec![text.to_string()] } else { lines }
    }

    /// Returns a prompt with its choices drawn by a seed.
    ///
    /// # Errors
    /// If a wildcard is not there, choices are nested too deeply, or the result is too long.
    pub fn draw(&self, prompt: &str, seed: u64) -> Result<String> {
        if !self.draws {
            return Ok(prompt.to_string());
        }
        let choices = |name: &str| self.wildcards.get(name).cloned();
        let drawn = Choices::new(seed, &choices).expand(prompt);
        drawn.map_err(|fault| fault.error("prompt"))
    }

    /// Returns what each picture changes in `params`: `count` pictures for each prompt, from the seed of
    /// `params` on.
    ///
    /// # Errors
    /// As [`Expansion::draw`], or if they are too many.
    pub fn pictures(&self, params: &GenerationParams, count: u32) -> Result<Vec<PartialParams>> {
        let prompts = self.prompts(&params.prompt);
        let total = prompts.len().saturating_mul(count as usize);
        if total > MOST_PICTURES {
            let reason = messages::many_pictures(total, MOST_PICTURES);
            let value = Message::verbatim(count);
            return Err(Error::InvalidRequest { field: NUM_IMAGES.name, value, reason });
        }
        let mut pictures = Vec::with_capacity(total);
        for prompt in &prompts {
            for number in 0..u64::from(count) {
                let seed = params.seed.wrapping_add(number);
                let prompt = Some(self.draw(prompt, seed)?);
                pictures.push(PartialParams { prompt, seed: Some(seed), ..<_>::default() });
            }
        }
        Ok(pictures)
    }

    /// Returns the text that keeps the switches.
    pub fn switches(&self) -> String {
        let names = [(self.each_line, "lines"), (self.draws, "draw")];
        let names = names.into_iter().filter(|(is_on, _)| *is_on).map(|(_, name)| name);
        names.collect::<Vec<_>>().join(" ")
    }

    /// Restores the switches.
    pub fn set_switches(&mut self, text: &str) {
        let is_on = |wanted| text.split(' ').any(|name| name == wanted);
        (self.each_line, self.draws) = (is_on("lines"), is_on("draw"));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Expansion;
    use crate::params::GenerationParams;

    fn expansion(switches: &str) -> Expansion {
        let mut expansion = Expansion::default();
        expansion.set_switches(switches);
        assert!(expansion.add_wildcard("bird", "# birds\nowl\n\n"));
        expansion
    }

    fn pictures(switches: &str, prompt: &str, seed: u64, count: u32) -> Vec<(String, u64)> {
        let params = GenerationParams { prompt: prompt.to_string(), seed, ..<_>::default() };
        let pictures = expansion(switches).pictures(&params, count).unwrap();
        let read = |picture: crate::params::PartialParams| {
            (picture.prompt.unwrap(), picture.seed.unwrap())
        };
        pictures.into_iter().map(read).collect()
    }

    fn one(prompt: &str, seed: u64) -> (String, u64) {
        (prompt.to_string(), seed)
    }

    #[test]
    fn signs_are_text_unless_switched_on() {
        let text = "an __bird__\n{a|a}";
        assert_eq!(pictures("", text, 7, 1), [one(text, 7)]);
        assert_eq!(pictures("draw", text, 7, 1), [one("an owl\na", 7)]);
    }

    #[test]
    fn each_line_gets_the_same_seeds() {
        let expected = [one("a cat", 7), one("a cat", 8), one("an owl", 7), one("an owl", 8)];
        assert_eq!(pictures("lines draw", "a cat\n\n an __bird__ ", 7, 2), expected);
        assert_eq!(pictures("lines", " \n", 7, 1), [one(" \n", 7)]);
        assert_eq!(pictures("lines", "a", u64::MAX, 2), [one("a", u64::MAX), one("a", 0)]);
    }

    #[test]
    fn each_picture_draws_anew_and_a_seed_draws_the_same() {
        let drawn = pictures("draw", "{a|b|c|d|e|f|g|h}", 0, 16);
        assert!(drawn.iter().any(|(prompt, _)| *prompt != drawn[0].0), "{drawn:?}");
        assert_eq!(drawn[5], pictures("draw", "{a|b|c|d|e|f|g|h}", 5, 1)[0]);
    }

    #[test]
    fn missing_wildcard_and_too_many_pictures_are_errors() {
        let params =
            |prompt: &str| GenerationParams { prompt: prompt.to_string(), ..<_>::default() };
        let error = expansion("draw").pictures(&params("a __fish__"), 1).unwrap_err().to_string();
        assert!(error.contains("__fish__") && error.contains("fish.txt"), "{error}");
        let many = "a\n".repeat(30);
        let error = expansion("lines").pictures(&params(&many), 16).unwrap_err().to_string();
        assert!(error.contains("480") && error.contains("400"), "{error}");
    }

    #[test]
    fn wildcards_are_replaced_by_name_and_removed() {
        let mut expansion = expansion("draw");
        assert!(!expansion.add_wildcard("empty", "# nothing\n"));
        assert!(expansion.add_wildcard("bird", "crow\njay"));
        let kept: Vec<_> = expansion.wildcards().collect();
        assert_eq!(kept, [("bird", &["crow".to_string(), "jay".to_string()][..])]);
        expansion.remove_wildcard("bird");
        assert!(expansion.draw("__bird__", 0).is_err());
        assert_eq!(expansion.switches(), "draw");
    }
}
