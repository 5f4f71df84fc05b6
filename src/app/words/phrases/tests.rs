//! What is said and what has a phrase are the same.

mod said;
mod without;

use super::super::table::LINES;
use super::{LISTS, chinese, holes};
use said::{Said, strings};
use without::WITHOUT;

/// What a hole is filled with here: a number is also a word.
const FILLING: &str = "7";

/// A string with its holes filled.
fn filled(text: &str) -> String {
    let mut parts = text.split('{');
    let mut filled = parts.next().unwrap_or_default().to_string();
    for part in parts {
        filled += FILLING;
        filled += part.split_once('}').map_or("", |(_, rest)| rest);
    }
    filled
}

/// Whether there is anything to translate in it: a plain word among others. Names begin with a capital
/// or hold other signs.
fn is_sentence(text: &str) -> bool {
    let is_plain = |word: &str| {
        let word = word.trim_end_matches([',', ';', ':', '.', ')']);
        !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '\'')
    };
    text.trim().contains(' ') && text.split_whitespace().any(is_plain)
}

fn is_han(letter: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&letter)
}

#[test]
fn whatever_is_said_has_a_phrase() {
    let exceptions = || WITHOUT.iter().flat_map(|(_, exceptions)| *exceptions);
    let mut unused: Vec<_> = exceptions().collect();
    let (mut missing, mut checked) = (Vec::new(), 0);
    for Said { file, text, is_internal } in strings() {
        let sentence = filled(&text);
        if is_internal || !is_sentence(&sentence) {
            continue;
        }
        let is_it = |exception: &&(&str, &str)| {
            file.starts_with(exception.0) && (exception.1.is_empty() || exception.1 == text)
        };
        if exceptions().any(|exception| is_it(&exception)) {
            unused.retain(|exception| !is_it(exception));
            continue;
        }
        checked += 1;
        // The sentences about an error are lines of the table.
        let is_line = || LINES.iter().any(|(_, line, _)| self::filled(line).contains(&sentence));
        let has_words = match file.as_str() {
            "error.rs" if text.ends_with('.') => is_line(),
            _ => chinese(&sentence).contains(is_han),
        };
        if !has_words {
            missing.push(format!("{file}: {text}"));
        }
    }
    assert!(missing.is_empty(), "no phrase for:\n{}", missing.join("\n"));
    assert!(unused.is_empty(), "nobody says these exceptions any more: {unused:?}");
    assert!(checked > 200, "only {checked} sentences were found: the reading of strings is broken");
}

/// Who changes a sentence of the engine hears that its translation no longer fits.
#[test]
fn every_phrase_is_still_said() {
    let said: String = strings().into_iter().map(|said| said.text + "\n").collect();
    for (english, _) in LISTS.iter().copied().flatten() {
        let longest = english.split(['{', '}']).step_by(2).max_by_key(|part| part.len());
        // Some are put together: of a kind and its bounds, of a setting and its value, of a number and
        // what is so often missing.
        let longest = longest.unwrap_or_default().trim_start_matches("it must be ");
        let longest = longest.trim_end_matches(" from ").trim_matches([' ', ',', ':', '(']);
        assert!(said.contains(longest), "nobody says “{english}” any more");
    }
}

#[test]
fn strings_are_found_wherever_they_stand() {
    let code = r##"
        // "a comment"
        let a = "one"; let quote = '"'; let escaped = '\''; let life: &'static str = "two \
            lines";
        let raw = r#"not "this" one"#;
        let b = format!("{a} with \"quotes\"");
    "##;
    let found: Vec<String> = said::in_code(code).into_iter().map(|(_, text)| text).collect();
    assert_eq!(found, ["one", "two lines", "{a} with \"quotes\""]);
}

#[test]
fn holes_take_what_differs() {
    let found = holes(
        "it needs {needs} of memory, there are {has}",
        "it needs 3 GB of memory, there are 2 GB",
    );
    assert_eq!(found, Some(vec![("needs", "3 GB"), ("has", "2 GB")]));
    assert_eq!(holes("it ends before byte {byte}", "it begins after byte 7"), None);
    assert_eq!(holes("width", "width and height"), None);
}

#[test]
fn a_field_is_one_word_and_a_number_is_one() {
    let pattern = "{field} is {number}";
    let found = holes(pattern, "scaling_factor is 0.5");
    assert_eq!(found, Some(vec![("field", "scaling_factor"), ("number", "0.5")]));
    assert_eq!(holes(pattern, "the kettle is 3"), None);
    assert_eq!(holes(pattern, "kettle is empty"), None);
}

#[test]
fn what_is_not_known_stays_as_it_is() {
    assert_eq!(chinese("the kettle is empty"), "the kettle is empty");
    assert_eq!(chinese("seed"), "随机种子");
}

fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|part| part.split('}').next())
}

#[test]
fn chinese_fills_its_holes_from_the_english() {
    for (english, chinese) in LISTS.iter().copied().flatten() {
        for name in names(chinese) {
            assert!(names(english).any(|other| other == name), "{english}: {name}");
        }
    }
}

/// Of two phrases that fit the first counts: one that fits more must not stand before it.
#[test]
fn every_phrase_is_reached() {
    for (english, template) in LISTS.iter().copied().flatten() {
        let filled = filled(english);
        let deep = |text: &str| {
            names(text)
                .fold(text.to_string(), |text, name| text.replace(&format!("{{{name}}}"), FILLING))
        };
        assert_eq!(chinese(&filled), deep(template), "{english}");
    }
}

#[test]
fn a_phrase_inside_another_is_chinese_too() {
    let cases = [
        (
            "it needs 9.00 GB of memory, there are 3.76 GB; 512 × 512 pixels fit",
            "需要 9.00 GB 内存，而只有 3.76 GB；可用 512 × 512 像素",
        ),
        (
            "0.5 M parameters, 1.0 MB in F16; CLIP, 4 layers of 256",
            "0.5 M 参数，F16，1.0 MB；CLIP，4 层，宽度 256",
        ),
        (
            "2 missing (a.weight; a.bias), 1 wrong shape (b.weight: expected [2, 3], found [3])",
            "缺少 2 个（a.weight; a.bias），形状不符 1 个（b.weight：应为 [2, 3]，实为 [3]）",
        ),
        (
            "Stable Diffusion XL without its second text encoder and its autoencoder (VAE)",
            "Stable Diffusion XL 模型，但缺少第二文本编码器和自编码器（VAE）",
        ),
        ("hearth (it is of another version)", "hearth（它来自其他版本）"),
    ];
    for (english, expected) in cases {
        assert_eq!(chinese(english), expected);
    }
}
