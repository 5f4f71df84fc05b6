//! Parts of a prompt that are denoised apart: `a cat AND a dog :1.3`.
//!
//! AUTOMATIC1111 `modules/prompt_parser.py` (`get_multicond_prompt_list`); Liu et al. 2022,
//! arXiv:2206.01714.

/// A part with its weight.
#[derive(Debug, Clone, PartialEq)]
pub struct PartText {
    /// Text.
    pub text: String,
    /// Factor of its guidance.
    pub weight: f64,
}

/// Splits a prompt at each `AND` and reads the weights behind the parts.
///
/// AUTOMATIC1111 reads a weight also where there is no AND, so that `ratio 16:9` is `ratio 16` with
/// nine times the guidance. Here it is text, unless `weighs_single`; [`trailing_weight`] tells that
/// such a prompt is one.
pub fn split_parts(prompt: &str, weighs_single: bool) -> Vec<PartText> {
    let parts = split_at_word(prompt, "AND");
    if parts.len() == 1 && !weighs_single {
        return vec![PartText { text: prompt.to_string(), weight: 1.0 }];
    }
    let weighted = parts.into_iter().map(|part| match trailing_weight(part) {
        Some((text, weight)) => PartText { text: text.to_string(), weight },
        None => PartText { text: part.trim_end().to_string(), weight: 1.0 },
    });
    weighted.collect()
}

/// Returns the text before a weight at the end, and the weight:
/// `\s*:\s*([-+]?(?:\d+\.?|\d*\.\d+))\s*$`.
pub fn trailing_weight(part: &str) -> Option<(&str, f64)> {
    let (text, number) = part.rsplit_once(':')?;
    let number = number.trim();
    let digits = number.strip_prefix(['+', '-']).unwrap_or(number);
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digits.bytes().any(|byte| byte.is_ascii_digit())
        && digits.bytes().filter(|byte| *byte == b'.').count() <= 1;
    let weight = number.parse().ok().filter(|weight: &f64| is_number && weight.is_finite())?;
    Some((text.trim_end(), weight))
}

/// Splits at a word that stands by itself.
pub(super) fn split_at_word<'a>(text: &'a str, word: &str) -> Vec<&'a str> {
    let is_of_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let (mut parts, mut start) = (Vec::new(), 0);
    for (at, found) in text.match_indices(word) {
        let end = at + found.len();
        let before = text[..at].chars().next_back().is_some_and(is_of_word);
        let behind = text[end..].chars().next().is_some_and(is_of_word);
        if !before && !behind {
            parts.push(&text[start..at]);
            start = end;
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::{split_parts, trailing_weight};

    #[test]
    fn weight_behind_a_single_prompt_is_text() {
        let parts = split_parts("a photo, ratio 16:9 ", false);
        assert_eq!((parts[0].text.as_str(), parts[0].weight), ("a photo, ratio 16:9 ", 1.0));
        let parts = split_parts("a photo, ratio 16:9 ", true);
        assert_eq!((parts[0].text.as_str(), parts[0].weight), ("a photo, ratio 16", 9.0));
    }

    #[test]
    fn weights_are_plain_numbers() {
        assert_eq!(trailing_weight("a : .5 "), Some(("a", 0.5)));
        assert_eq!(trailing_weight("a:b:-2."), Some(("a:b", -2.0)));
        for text in ["a", "a:", "a:.", "a:1e3", "a:1.2.3", "a:inf", "a:x"] {
            assert_eq!(trailing_weight(text), None, "{text}");
        }
    }
}
