//! The nearest word that a model knows.
//!
//! A wrong suggestion is worse than none: other names and plurals come first, then spelling, within narrow bounds.

use super::facts::{CHINESE, ENGLISH, Knowledge, Thing};
use super::template::{background, one_of};

/// Letters of the shortest word whose spelling is corrected.
const SHORTEST: usize = 4;
/// Letters from which a word may have one vowel for another: shorter ones that differ so are mostly other
/// words ("boar", "bear").
const MIDDLE: usize = 5;
/// Letters from which a word may have two mistakes, and any letter for another ("cattle", "castle").
const LONG: usize = 7;
/// Usual words of prompts for larger models that look like a mistake in another word ("lightning").
const RIGHT: [&str; 1] = ["lighting"];
/// What may stand around a thing in a Chinese phrase: 一个红苹果, 画一只猫.
const CHINESE_AROUND: &str = "一两二三四五个只的在上里中是有画张幅了和";

/// Returns what to say instead of `word`, if there is something near. `knows`: whether the model knows
/// an English word.
pub fn nearest(knowledge: &Knowledge, word: &str, knows: &dyn Fn(&str) -> bool) -> Option<String> {
    if is_chinese(word) {
        return translation(knowledge, word);
    }
    let word = compact(word);
    other_name(knowledge, &word).or_else(|| spelling(knowledge, &word, knows))
}

/// Returns the parts of a word that no Chinese word of the model accounts for; the word itself if it is not
/// Chinese or the model knows no Chinese.
pub fn unknown_parts(knowledge: &Knowledge, word: &str) -> Vec<String> {
    if !is_chinese(word) || knowledge.prompt_language(CHINESE) != CHINESE {
        return vec![word.to_string()];
    }
    let mut known = CHINESE_AROUND.to_string();
    for thing in &knowledge.things {
        thing.chinese.iter().for_each(|name| known.push_str(name));
        known.push_str(&thing.measure);
    }
    let Knowledge { colours, places, styles, numbers, .. } = knowledge;
    for list in [colours, places, styles, numbers] {
        list.iter().for_each(|phrase| known.push_str(&phrase.chinese));
    }
    knowledge.prompts[CHINESE].iter().for_each(|template| known.push_str(template));
    known.push_str(&knowledge.backgrounds[CHINESE]);
    let unknown = word.split(|letter: char| known.contains(letter));
    unknown.filter(|part| !part.is_empty()).map(str::to_string).collect()
}

/// Returns whether a text has Chinese characters.
pub fn is_chinese(text: &str) -> bool {
    text.chars().any(|letter| ('\u{3400}'..='\u{9fff}').contains(&letter))
}

/// Returns the name of the thing that has `word` as another name, or in another number.
fn other_name(knowledge: &Knowledge, word: &str) -> Option<String> {
    // Usual names come before others, others before another number.
    let mut best: Option<(u8, &str)> = None;
    for thing in &knowledge.things {
        for name in thing.names_in(ENGLISH) {
            let name_letters = compact(name);
            let rank = match name_letters == word {
                true if name == thing.name => 0,
                true => 1,
                false if singular(&name_letters) == singular(word) => 3,
                false => continue,
            };
            if best.is_none_or(|(before, _)| rank < before) {
                best = Some((rank, &thing.name));
            }
        }
    }
    for colour in &knowledge.colours {
        if colour.others.iter().any(|other| other == word) && best.is_none_or(|(rank, _)| rank > 2)
        {
            best = Some((2, &colour.english));
        }
    }
    best.map(|(_, name)| name.to_string())
}

/// Returns the only word that is spelt nearly like `word`.
fn spelling(knowledge: &Knowledge, word: &str, knows: &dyn Fn(&str) -> bool) -> Option<String> {
    let mut search =
        SpellingSearch { letters: word.chars().collect(), best: None, meant: Vec::new() };
    if search.letters.len() < SHORTEST || RIGHT.contains(&word) {
        return None;
    }
    for thing in &knowledge.things {
        for name in thing.names_in(ENGLISH) {
            let is_known = name.split([' ', '-']).all(|word| knows(&word.to_lowercase()));
            search.consider(name, false, if is_known { name } else { &thing.name });
        }
        for word in thing.name.split(' ').filter(|word| *word != thing.name) {
            search.consider(word, true, word);
        }
    }
    for colour in &knowledge.colours {
        search.consider(&colour.english, false, &colour.english);
    }
    for list in [&knowledge.places, &knowledge.styles] {
        for phrase in list {
            phrase.english.split(' ').for_each(|word| search.consider(word, true, word));
        }
    }
    match search.meant.as_slice() {
        [only] => Some(only.to_string()),
        _ => None,
    }
}

/// Search for the word that is spelt nearly like another.
struct SpellingSearch<'a> {
    letters: Vec<char>,
    /// Mistakes of the nearest, and whether they are but words within names.
    best: Option<(usize, bool)>,
    /// What the nearest mean.
    meant: Vec<&'a str>,
}

impl<'a> SpellingSearch<'a> {
    fn consider(&mut self, candidate: &str, is_part: bool, meant: &'a str) {
        let length = self.letters.len();
        // Words within names are many: "village" is near "voltage".
        let most = (length / 3).min(if length < LONG || is_part { 1 } else { 2 });
        let candidate: Vec<char> = compact(candidate).chars().collect();
        // "beard" is no "bear".
        let ends_alike =
            length >= LONG || candidate.len() == length || candidate.last() == self.letters.last();
        let is_near = ends_alike
            && candidate.first() == self.letters.first()
            && candidate.len() >= SHORTEST
            && candidate.len().abs_diff(length) <= most;
        if !is_near {
            return;
        }
        let mistakes = distance(&self.letters, &candidate);
        if mistakes > most || mistakes == 0 {
            return; // Without a mistake it is the same word, and as little known.
        }
        let rank = (mistakes, is_part);
        if self.best.is_none_or(|best| rank < best) {
            self.best = Some(rank);
            self.meant.clear();
        }
        if self.best == Some(rank) && !self.meant.contains(&meant) {
            self.meant.push(meant);
        }
    }
}

/// Returns the English for a Chinese phrase that names a thing, a background or both, and little else.
fn translation(knowledge: &Knowledge, phrase: &str) -> Option<String> {
    let mut rest = phrase.to_string();
    let mut place = None;
    for colour in &knowledge.colours {
        let chinese = background(knowledge, CHINESE, colour);
        if !chinese.is_empty() && rest.contains(&chinese) {
            rest = rest.replace(&chinese, "");
            place = Some(background(knowledge, ENGLISH, colour));
        }
    }
    let mut thing: Option<(&Thing, &str)> = None;
    for candidate in &knowledge.things {
        for name in candidate.names_in(CHINESE) {
            let is_longer = thing.is_none_or(|(_, other)| name.len() > other.len());
            if is_longer && rest.contains(name) {
                thing = Some((candidate, name));
            }
        }
    }
    if let Some((thing, name)) = thing {
        rest = rest.replacen(name, "", 1).replace(&thing.measure, "");
        for colour in &knowledge.colours {
            rest = rest.replace(&colour.chinese, "");
        }
    }
    let is_all = rest.chars().all(|letter| CHINESE_AROUND.contains(letter));
    let thing = thing.map(|(thing, _)| one_of(thing, ENGLISH)).filter(|_| is_all);
    match (thing, place) {
        (Some(thing), Some(place)) => Some(format!("{thing} {place}")),
        (thing, place) => thing.or(place).filter(|_| is_all),
    }
}

/// Returns the letters of a text, in lower case: "T-shirt" and "tshirt" are the same.
fn compact(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphabetic()).flat_map(char::to_lowercase).collect()
}

/// Returns a word without a regular plural's ending.
fn singular(word: &str) -> String {
    const HISSES: [&str; 5] = ["ses", "xes", "zes", "ches", "shes"];
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 2) {
        return format!("{stem}y");
    }
    if HISSES.iter().any(|ending| word.ends_with(ending)) {
        return word[..word.len() - 2].to_string();
    }
    let has_plural = word.len() > 3 && !word.ends_with("ss") && !word.ends_with("us");
    word.strip_suffix('s').filter(|_| has_plural).unwrap_or(word).to_string()
}

/// Returns the number of mistakes between two words: a letter too many, too few or another one, or two
/// neighbours in the wrong order.
fn distance(one: &[char], other: &[char]) -> usize {
    let is_vowel = |letter: char| "aeiouy".contains(letter);
    let (is_long, is_middle) = (one.len() >= LONG, one.len() >= MIDDLE);
    let width = other.len() + 1;
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..width).collect();
    for (i, &letter) in one.iter().enumerate() {
        let mut next = vec![i + 1; width];
        for (j, &wanted) in other.iter().enumerate() {
            let replacement = match letter == wanted {
                true => 0,
                false if is_long || is_middle && is_vowel(letter) && is_vowel(wanted) => 1,
                false => 2,
            };
            let mut least = (row[j] + replacement).min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && letter == other[j - 1] && one[i - 1] == wanted {
                least = least.min(before[j - 1] + 1);
            }
            next[j + 1] = least;
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::facts::examples::{emoji, small};
    use super::{nearest, unknown_parts};

    /// Nearest words of the bundled model, of whose other names it knows "bunny" alone.
    fn of_emoji(word: &str) -> Option<String> {
        let emoji = emoji();
        let knows =
            |word: &str| word == "bunny" || emoji.things.iter().any(|thing| thing.name == word);
        nearest(&emoji, word, &knows)
    }

    #[test]
    fn other_names_and_numbers_lead_to_the_usual_name() {
        for (word, name) in [
            ("car", "automobile"),
            ("aeroplane", "airplane"),
            ("Motorbike", "motorcycle"),
            ("spaceship", "rocket"),
            ("tshirt", "t-shirt"),
            ("wolves", "wolf"),
            ("foxes", "fox"),
            ("butterflies", "butterfly"),
            ("sock", "socks"),
            ("grape", "grapes"),
            ("hotdog", "hot dog"),
            ("gray", "grey"),
            ("violet", "purple"),
            ("lorry", ""),
        ] {
            assert_eq!(of_emoji(word).unwrap_or_default(), name, "{word}");
        }
    }

    #[test]
    fn misspelt_words_lead_to_the_right_ones() {
        for (word, name) in [
            ("elefant", "elephant"),
            ("girafe", "giraffe"),
            ("pinaple", "pineapple"),
            ("Octapus", "octopus"),
            ("stawbery", "strawberry"),
            ("tigre", "tiger"),
            ("sunflowr", "sunflower"),
            ("bunnny", "bunny"),
            ("yelow", "yellow"),
            ("purpel", "purple"),
        ] {
            assert_eq!(of_emoji(word).unwrap_or_default(), name, "{word}");
        }
    }

    #[test]
    fn other_words_lead_nowhere() {
        for word in [
            "photo",
            "medieval",
            "knight",
            "boar",
            "cattle",
            "tank",
            "beard",
            "mountain",
            "bot",
            "dig",
            "portrait",
            "beautiful",
            "cinematic",
            "village",
            "warrior",
            "masterpiece",
            "landscape",
            "with",
            "holding",
            "woman",
            "city",
            "river",
            "dramatic",
            "lighting",
            "realistic",
            "soldier",
            "princess",
            "xqzt",
            "a",
            "",
        ] {
            assert_eq!(of_emoji(word), None, "{word}");
        }
    }

    #[test]
    fn chinese_phrases_are_translated_for_a_model_without_chinese() {
        for (phrase, english) in [
            ("一个红苹果", "a red apple"),
            ("蓝色背景", "on a blue background"),
            ("蓝色背景上的红苹果", "a red apple on a blue background"),
            ("一只章鱼", "an octopus"),
            ("红色的汽车", "an automobile"),
            ("马路", ""),
            ("中世纪骑士", ""),
        ] {
            assert_eq!(of_emoji(phrase).unwrap_or_default(), english, "{phrase}");
        }
    }

    #[test]
    fn chinese_words_of_a_model_that_knows_chinese_are_known() {
        assert!(unknown_parts(&small(), "两只狼在草地上").is_empty());
        assert_eq!(unknown_parts(&small(), "一只老虎在夜晚"), ["老虎"]);
        assert_eq!(unknown_parts(&emoji(), "两只狼"), ["两只狼"]);
        assert_eq!(unknown_parts(&small(), "dragon"), ["dragon"]);
    }
}
