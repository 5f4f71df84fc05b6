//! Words of a model that are put into a prompt.

use std::ops::Range;

use super::facts::{CHINESE, Knowledge, Phrase, Thing};
use super::template::{background, one_of, with_article};

/// Which list a phrase is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// Colours, as background.
    Colours,
    /// Places.
    Places,
    /// Styles.
    Styles,
}

impl List {
    /// All lists.
    pub const ALL: [List; 3] = [List::Colours, List::Places, List::Styles];

    /// Returns its phrases.
    pub fn phrases(self, knowledge: &Knowledge) -> &[Phrase] {
        match self {
            List::Colours => &knowledge.colours,
            List::Places => &knowledge.places,
            List::Styles => &knowledge.styles,
        }
    }

    fn text(self, knowledge: &Knowledge, language: usize, phrase: &Phrase) -> String {
        match self {
            List::Colours => background(knowledge, language, phrase),
            List::Places | List::Styles => phrase.in_language(language).to_string(),
        }
    }
}

/// Returns a prompt with a thing instead of the one that it has; `None` if it has none, or the model draws
/// several.
pub fn with_other_thing(
    knowledge: &Knowledge,
    language: usize,
    prompt: &str,
    thing: &Thing,
) -> Option<String> {
    if knowledge.combines() {
        return None;
    }
    let mut longest: Option<Range<usize>> = None;
    for other in &knowledge.things {
        for name in other.names_in(language) {
            longest = longer(longest, find(prompt, name));
        }
    }
    let range = with_determiner(prompt, longest?);
    Some(replaced(prompt, range, &one_of(thing, language)))
}

/// Returns a prompt with a thing at its end; `None` if it has it already.
pub fn with_thing(language: usize, prompt: &str, thing: &Thing) -> Option<String> {
    match find(prompt, thing.name_in(language)) {
        Some(_) => None,
        None => Some(joined(prompt, &one_of(thing, language), language)),
    }
}

/// Returns a prompt with a background, place or style, instead of the one that it has; `None` if it has it
/// already.
pub fn with_phrase(
    knowledge: &Knowledge,
    language: usize,
    prompt: &str,
    list: List,
    phrase: &Phrase,
) -> Option<String> {
    let text = list.text(knowledge, language, phrase);
    let mut found = None;
    for other in list.phrases(knowledge) {
        found = longer(found, find(prompt, &list.text(knowledge, language, other)));
    }
    let changed = match found {
        Some(range) => replaced(prompt, range, &text),
        // A place or background follows without a comma: "a cat in a meadow".
        None if language != CHINESE && list != List::Styles && !prompt.trim().is_empty() => {
            format!("{} {text}", trimmed(prompt))
        }
        None => joined(prompt, &text, language),
    };
    (changed != prompt).then_some(changed)
}

/// Returns a prompt with `word` replaced wherever it is, and the article before it made right.
pub fn with_replacement(prompt: &str, word: &str, by: &str) -> String {
    let mut done = String::new();
    let mut rest = prompt;
    let has_article = by.starts_with("a ") || by.starts_with("an ");
    while let Some(range) = find(rest, word) {
        let whole = with_article_before(rest, range.clone());
        let text = match whole == range {
            true => by.to_string(),
            false if has_article => by.to_string(),
            false => with_article(by),
        };
        done.push_str(&rest[..whole.start]);
        done.push_str(&text);
        rest = &rest[range.end..];
    }
    done + rest
}

fn longer(one: Option<Range<usize>>, other: Option<Range<usize>>) -> Option<Range<usize>> {
    let length = |range: &Option<Range<usize>>| range.as_ref().map_or(0, Range::len);
    if length(&other) > length(&one) { other } else { one }
}

/// Returns where a prompt has a text as words of its own, in any case of its letters.
fn find(prompt: &str, text: &str) -> Option<Range<usize>> {
    let (prompt, text) = (prompt.to_ascii_lowercase(), text.to_ascii_lowercase());
    // Between Chinese characters there are no borders of words.
    let is_word =
        |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric());
    let is_own = |(at, found): &(usize, &str)| {
        let end = at + found.len();
        let starts_inside =
            is_word(prompt[..*at].chars().next_back()) && is_word(text.chars().next());
        let ends_inside =
            is_word(prompt[end..].chars().next()) && is_word(text.chars().next_back());
        !starts_inside && !ends_inside
    };
    let mut found = prompt.match_indices(&text).filter(|_| !text.is_empty());
    found.find(is_own).map(|(at, found)| at..at + found.len())
}

/// Extends a range over an article.
fn with_article_before(prompt: &str, range: Range<usize>) -> Range<usize> {
    let before = prompt[..range.start].to_ascii_lowercase();
    for article in ["an ", "a "] {
        let rest = before.strip_suffix(article);
        if rest.is_some_and(|rest| !rest.ends_with(char::is_alphanumeric)) {
            return range.start - article.len()..range.end;
        }
    }
    range
}

/// Extends a range over an article, or over 一 with a measure word.
fn with_determiner(prompt: &str, range: Range<usize>) -> Range<usize> {
    let mut before = prompt[..range.start].char_indices().rev();
    let (_, measured) = (before.next(), before.next());
    match measured {
        Some((at, '一')) => at..range.end,
        _ => with_article_before(prompt, range),
    }
}

fn replaced(prompt: &str, range: Range<usize>, by: &str) -> String {
    [&prompt[..range.start], by, &prompt[range.end..]].concat()
}

fn trimmed(prompt: &str) -> &str {
    prompt.trim_end().trim_end_matches([',', '，'])
}

fn joined(prompt: &str, text: &str, language: usize) -> String {
    match trimmed(prompt) {
        "" => text.to_string(),
        prompt if language == CHINESE => format!("{prompt}，{text}"),
        prompt => format!("{prompt}, {text}"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::facts::examples::{emoji, small};
    use super::super::facts::{CHINESE, ENGLISH, Knowledge, Thing};
    use super::{List, with_other_thing, with_phrase, with_replacement, with_thing};

    fn thing<'a>(knowledge: &'a Knowledge, name: &str) -> &'a Thing {
        knowledge.things.iter().find(|thing| thing.name == name).unwrap()
    }

    #[test]
    fn thing_replaces_the_one_of_a_model_that_draws_one() {
        let emoji = emoji();
        let with = |prompt, name| with_other_thing(&emoji, ENGLISH, prompt, thing(&emoji, name));
        assert_eq!(
            with("a red apple on a blue background", "octopus").unwrap(),
            "an octopus on a blue background"
        );
        assert_eq!(with("An octopus, teal background", "wolf").unwrap(), "a wolf, teal background");
        assert_eq!(with("grapes on red", "red apple").unwrap(), "a red apple on red");
        assert_eq!(with("a castle", "grapes").unwrap(), "grapes");
        assert_eq!(with("a knight", "wolf"), None);
        let small = small();
        assert_eq!(with_other_thing(&small, ENGLISH, "a wolf", &small.things[1]), None);
    }

    #[test]
    fn thing_is_added_to_a_prompt_of_several() {
        let small = small();
        let horse = thing(&small, "horse");
        assert_eq!(with_thing(ENGLISH, "a wolf, ", horse).unwrap(), "a wolf, a horse");
        assert_eq!(with_thing(ENGLISH, "", horse).unwrap(), "a horse");
        assert_eq!(with_thing(ENGLISH, "A Horse in rain", horse), None);
        assert_eq!(with_thing(ENGLISH, "a horseshoe", horse).unwrap(), "a horseshoe, a horse");
        assert_eq!(with_thing(CHINESE, "一只狼", horse).unwrap(), "一只狼，一匹马");
    }

    #[test]
    fn background_place_and_style_replace_their_like() {
        let small = small();
        let with = |language, prompt, list: List, index: usize| {
            with_phrase(&small, language, prompt, list, &list.phrases(&small)[index])
        };
        assert_eq!(
            with(ENGLISH, "a wolf on a red background", List::Colours, 1).unwrap(),
            "a wolf on an orange background"
        );
        assert_eq!(with(ENGLISH, "a wolf on a red background", List::Colours, 0), None);
        assert_eq!(with(ENGLISH, "a wolf", List::Places, 0).unwrap(), "a wolf in a meadow");
        assert_eq!(
            with(ENGLISH, "a wolf in a meadow", List::Places, 1).unwrap(),
            "a wolf at night"
        );
        assert_eq!(with(ENGLISH, "a wolf", List::Styles, 0).unwrap(), "a wolf, flat icon");
        assert_eq!(
            with(CHINESE, "一只狼，红色背景", List::Colours, 1).unwrap(),
            "一只狼，橙色背景"
        );
        assert_eq!(with(CHINESE, "一只狼", List::Places, 1).unwrap(), "一只狼，夜晚");
    }

    #[test]
    fn replaced_word_has_the_right_article() {
        assert_eq!(with_replacement("a oktopus", "oktopus", "octopus"), "an octopus");
        assert_eq!(with_replacement("An aple and an aple", "aple", "pear"), "a pear and a pear");
        assert_eq!(with_replacement("two aples, aple", "aple", "apple"), "two aples, apple");
        assert_eq!(with_replacement("一个红苹果", "一个红苹果", "a red apple"), "a red apple");
        assert_eq!(with_replacement("panda car", "car", "automobile"), "panda automobile");
    }
}
