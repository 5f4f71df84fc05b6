//! Words that the bundled model knows.

use std::collections::HashSet;

use js_sys::Object;
use wasm_bindgen::JsCast;

use super::suggestions::read_json;
use crate::prompt::take_networks;

/// The tokens of its own tokenizer, relative to the model. It was built from the training captions
/// alone, so a word that is no token of its own never occurred in them, or hardly ever.
const TOKENS: &str = "tokenizer/vocab.json";

/// End of a token that ends a word.
const WORD_END: &str = "</w>";

/// Unknown words that a note quotes at most.
const MOST: usize = 5;

/// The words.
#[derive(Debug, Default)]
pub struct Vocabulary(HashSet<String>);

impl Vocabulary {
    /// Reads the words of the model at the address `model`; empty if they cannot be had.
    pub async fn read(model: &str) -> Self {
        let tokens = read_json(model, TOKENS).await.and_then(|file| file.dyn_into::<Object>().ok());
        let names = tokens.iter().flat_map(|tokens| Object::keys(tokens).to_vec());
        Self::from_tokens(names.filter_map(|name| name.as_string()))
    }

    fn from_tokens(tokens: impl Iterator<Item = String>) -> Self {
        Vocabulary(
            tokens.filter_map(|token| token.strip_suffix(WORD_END).map(str::to_string)).collect(),
        )
    }

    /// Returns whether a word in lower case is among these.
    pub fn knows(&self, word: &str) -> bool {
        self.0.contains(word)
    }

    /// Returns the words of a prompt that are not among these, each once and at most five; none if
    /// no words could be read.
    pub fn unknown_words(&self, prompt: &str) -> Vec<String> {
        let mut unknown = Vec::new();
        let (prompt, _) = take_networks(prompt);
        let words = prompt.split(|letter: char| !letter.is_alphabetic());
        for word in words.filter(|word| !word.is_empty() && !self.0.is_empty()) {
            let is_letter = word.len() == 1;
            if !is_letter
                && !["BREAK", "AND"].contains(&word)
                && !self.0.contains(&word.to_lowercase())
                && !unknown.iter().any(|known| known == word)
                && unknown.len() < MOST
            {
                unknown.push(word.to_string());
            }
        }
        unknown
    }
}

#[cfg(test)]
mod tests {
    use super::Vocabulary;

    #[test]
    fn tags_of_add_ons_are_no_words() {
        assert!(vocabulary().unknown_words("red apple, <lora:dragon:0.8> on blue").is_empty());
        assert!(vocabulary().unknown_words("red BREAK apple AND blue").is_empty());
        assert_eq!(vocabulary().unknown_words("red <dragon> apple"), ["dragon"]);
    }

    fn vocabulary() -> Vocabulary {
        let tokens = ["a</w>", "red</w>", "apple</w>", "on</w>", "blue</w>", "dra", "t</w>"];
        Vocabulary::from_tokens(tokens.into_iter().map(str::to_string))
    }

    #[test]
    fn words_of_the_model_are_known_in_any_case() {
        assert!(vocabulary().unknown_words("A red apple, on Blue").is_empty());
        assert!(vocabulary().unknown_words("1 x 2").is_empty(), "numbers and letters say nothing");
    }

    #[test]
    fn other_words_are_unknown_once_each() {
        let unknown = vocabulary().unknown_words("a dragon on a blue dragon, dra");
        assert_eq!(unknown, ["dragon", "dra"]);
        assert_eq!(vocabulary().unknown_words("一个红苹果，蓝色背景"), ["一个红苹果", "蓝色背景"]);
        assert_eq!(vocabulary().unknown_words("bb cc dd ee ff gg hh").len(), 5);
    }

    #[test]
    fn without_vocabulary_nothing_is_unknown() {
        assert!(Vocabulary::default().unknown_words("a dragon").is_empty());
    }

    #[test]
    fn emoji_model_knows_its_emoji_and_not_the_rest() {
        const TOKENS: &str = include_str!("../../../../www/models/emoji/tokenizer/vocab.json");
        let tokens = TOKENS.lines().filter_map(|line| line.trim().split('"').nth(1));
        let vocabulary = Vocabulary::from_tokens(tokens.map(str::to_string));
        assert!(vocabulary.unknown_words("a red apple on a blue background").is_empty());
        assert!(vocabulary.unknown_words("a sunflower on a blue background").is_empty());
        let unknown = vocabulary.unknown_words("a photo of a medieval knight");
        assert!(
            unknown.contains(&"photo".to_string()) && unknown.contains(&"medieval".to_string())
        );
    }
}
