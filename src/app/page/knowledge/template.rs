//! Prompts from the templates of a model.
//!
//! A slot in braces has words: `a` or `another` (an article, or 一 with the measure word), `number`,
//! `colour`, then `thing`, `things`, `place` or `style`: `{a colour thing}`, `{number things}`, `{a colour}`.

use super::facts::{CHINESE, Knowledge, Phrase, Thing};

/// Returns a number below the one given, at random.
pub type Choose<'a> = &'a mut dyn FnMut(usize) -> usize;

/// Returns a prompt in a language from one of its templates; `None` if the file has none that can be filled.
pub fn random_prompt(knowledge: &Knowledge, language: usize, choose: Choose<'_>) -> Option<String> {
    let templates = knowledge.prompts.get(language)?;
    let template = pick(templates.iter().collect(), choose)?;
    Filling { knowledge, language, choose, first: None, used: Vec::new() }.fill(template)
}

/// Returns a prompt that shows one thing.
pub fn prompt_of(
    knowledge: &Knowledge,
    language: usize,
    thing: &Thing,
    choose: Choose<'_>,
) -> Option<String> {
    let is_simple = |template: &&String| {
        template.contains("{a thing}")
            && !template.contains("{another")
            && !template.contains("{style}")
    };
    let template = knowledge.prompts.get(language)?.iter().find(is_simple)?;
    let first = Some(thing);
    Filling { knowledge, language, choose, first, used: Vec::new() }.fill(template)
}

/// Returns the way in which a prompt names a colour of the background.
pub fn background(knowledge: &Knowledge, language: usize, colour: &Phrase) -> String {
    let template = knowledge.backgrounds.get(language).map_or("", String::as_str);
    let name = colour.in_language(language);
    template.replace("{a colour}", &with_article(name)).replace("{colour}", name)
}

/// Returns a thing with its article, as a prompt names it.
pub fn one_of(thing: &Thing, language: usize) -> String {
    match (language, &thing.plural) {
        (CHINESE, _) => format!("一{}{}", thing.measure, thing.name_in(CHINESE)),
        (_, Some(_)) => with_article(&thing.name),
        (_, None) => thing.name.clone(),
    }
}

/// Returns an English noun behind "a" or "an".
pub fn with_article(noun: &str) -> String {
    // By sound: "a unicorn", "a UFO", "an hourglass".
    const CONSONANTS: [&str; 6] = ["UFO", "SUV", "uni", "one", "eu", "ute"];
    const VOWELS: [&str; 2] = ["hour", "honest"];
    let begins = |list: &[&str]| list.iter().any(|start| noun.starts_with(start));
    let has_vowel = noun.starts_with(['a', 'e', 'i', 'o', 'u', 'A', 'E', 'I', 'O', 'U']);
    let an = begins(&VOWELS) || has_vowel && !begins(&CONSONANTS);
    format!("{} {noun}", if an { "an" } else { "a" })
}

fn pick<T>(mut list: Vec<T>, choose: Choose<'_>) -> Option<T> {
    match list.len() {
        0 => None,
        count => Some(list.swap_remove(choose(count).min(count - 1))),
    }
}

/// A template that is being filled.
struct Filling<'a, 'b> {
    knowledge: &'a Knowledge,
    language: usize,
    choose: Choose<'b>,
    /// The first thing, if it is given.
    first: Option<&'a Thing>,
    /// English names of what the prompt has already.
    used: Vec<&'a str>,
}

impl<'a> Filling<'a, '_> {
    fn fill(mut self, template: &str) -> Option<String> {
        let mut prompt = String::new();
        for (index, part) in template.split('{').enumerate() {
            match part.split_once('}').filter(|_| index > 0) {
                Some((slot, text)) => {
                    prompt.push_str(&self.slot(slot)?);
                    prompt.push_str(text);
                }
                None => prompt.push_str(part),
            }
        }
        Some(prompt)
    }

    fn slot(&mut self, slot: &str) -> Option<String> {
        let knowledge = self.knowledge;
        let has = |wanted: &str| slot.split(' ').any(|word| word == wanted);
        let thing = match has("thing") || has("things") {
            true => Some(self.thing(has("things"), has("colour"))?),
            false => None,
        };
        let number = match has("number") {
            true => Some(self.phrase(&knowledge.numbers)?),
            false => None,
        };
        let colour = match has("colour") {
            true => Some(self.phrase(&knowledge.colours)?),
            false => None,
        };
        let has_article = has("a") || has("another");
        let text = match (thing, has("place"), has("style")) {
            (Some(thing), ..) if self.language == CHINESE => {
                chinese_thing(thing, number, colour, has_article)
            }
            (Some(thing), ..) => {
                let number = number.map(|number| number.english.as_str());
                let colour = colour.map(|colour| colour.english.as_str());
                let plural = thing.plural.as_deref().filter(|_| has("things"));
                let noun = plural.unwrap_or(&thing.name);
                let words = [number, colour, Some(noun)];
                let text = words.into_iter().flatten().collect::<Vec<_>>().join(" ");
                match has_article && thing.plural.is_some() {
                    true => with_article(&text),
                    false => text,
                }
            }
            (None, true, _) => self.phrase(&knowledge.places)?.in_language(self.language).into(),
            (None, _, true) => self.phrase(&knowledge.styles)?.in_language(self.language).into(),
            (None, ..) => {
                let word = colour.or(number)?.in_language(self.language);
                match has_article && self.language != CHINESE {
                    true => with_article(word),
                    false => word.to_string(),
                }
            }
        };
        Some(text)
    }

    /// Returns a thing that the prompt does not have yet. `many`: with a plural; `plain`: without a colour in its name.
    fn thing(&mut self, many: bool, plain: bool) -> Option<&'a Thing> {
        let fits = |thing: &&Thing| {
            (!many || thing.plural.is_some())
                && (!plain || !self.knowledge.colours.iter().any(|colour| names(thing, colour)))
                && !self.used.contains(&thing.name.as_str())
        };
        let thing = match self.first.take() {
            Some(first) => first,
            None => pick(self.knowledge.things.iter().filter(fits).collect(), self.choose)?,
        };
        self.used.push(&thing.name);
        Some(thing)
    }

    /// Returns a phrase that the prompt does not have yet: a red apple would not be seen on red.
    fn phrase(&mut self, list: &'a [Phrase]) -> Option<&'a Phrase> {
        let is_used = |phrase: &Phrase| {
            self.used.iter().any(|used| used.split(' ').any(|word| word == phrase.english))
        };
        let phrase = pick(list.iter().filter(|phrase| !is_used(phrase)).collect(), self.choose)?;
        self.used.push(&phrase.english);
        Some(phrase)
    }
}

fn names(thing: &Thing, colour: &Phrase) -> bool {
    thing.name.split(' ').any(|word| word == colour.english)
}

fn chinese_thing(
    thing: &Thing,
    number: Option<&Phrase>,
    colour: Option<&Phrase>,
    has_article: bool,
) -> String {
    let number = number.map(|number| number.chinese.as_str()).or(has_article.then_some("一"));
    let measure = number.map_or("", |_| thing.measure.as_str());
    let colour = colour.map_or(String::new(), |colour| format!("{}的", colour.chinese));
    format!("{}{measure}{colour}{}", number.unwrap_or_default(), thing.name_in(CHINESE))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::facts::examples::{emoji, small};
    use super::super::facts::{CHINESE, ENGLISH, Knowledge};
    use super::{background, one_of, prompt_of, random_prompt, with_article};

    /// Fills one template, choosing the entries with these numbers in turn.
    fn filled(language: usize, template: &str, choices: &[usize]) -> Option<String> {
        let mut knowledge: Knowledge = small();
        knowledge.prompts[language] = vec![template.to_string()];
        let mut rest = [0].into_iter().chain(choices.iter().copied());
        random_prompt(&knowledge, language, &mut |_| rest.next().unwrap_or_default())
    }

    #[test]
    fn article_follows_the_sound() {
        for right in [
            "an apple",
            "a unicorn",
            "a UFO",
            "an hourglass",
            "an eye",
            "a horse",
            "an owl",
            "an umbrella",
            "an orange car",
            "an ear of corn",
            "an Ice cream",
        ] {
            let (_, noun) = right.split_once(' ').unwrap();
            assert_eq!(with_article(noun), right);
        }
    }

    #[test]
    fn articles_and_plurals_fit_the_thing() {
        assert_eq!(filled(ENGLISH, "{a thing}", &[0]).unwrap(), "a wolf");
        assert_eq!(filled(ENGLISH, "{a thing}", &[2]).unwrap(), "bread", "it cannot be counted");
        assert_eq!(filled(ENGLISH, "{number things}", &[0, 0]).unwrap(), "two wolves");
        assert_eq!(filled(ENGLISH, "{number} of {things}", &[0, 1]).unwrap(), "two of horses");
        assert_eq!(filled(ENGLISH, "{things}", &[2]).unwrap(), "horses", "bread has no plural");
        assert_eq!(filled(ENGLISH, "{a colour thing}", &[1, 1]).unwrap(), "an orange horse");
        assert_eq!(
            filled(ENGLISH, "{style} of {a thing} {place}", &[0, 1, 1]).unwrap(),
            "flat icon of a horse at night"
        );
    }

    #[test]
    fn another_thing_and_another_colour_are_others() {
        for choice in 0..3 {
            let prompt = filled(ENGLISH, "{a thing} and {another thing}", &[choice, 0]).unwrap();
            let (one, other) = prompt.split_once(" and ").unwrap();
            assert_ne!(one, other);
        }
        let prompt = filled(ENGLISH, "{a colour thing} on {a colour} background", &[0, 0, 0]);
        assert_eq!(prompt.unwrap(), "a red wolf on an orange background");
    }

    #[test]
    fn chinese_prompts_have_measure_words() {
        assert_eq!(filled(CHINESE, "{a thing}在{place}", &[1, 1]).unwrap(), "一匹马在夜晚");
        assert_eq!(filled(CHINESE, "{number things}", &[0, 0]).unwrap(), "两只狼");
        assert_eq!(filled(CHINESE, "{a colour thing}", &[1, 0]).unwrap(), "一匹红色的马");
        assert_eq!(filled(CHINESE, "{things}，{colour}背景", &[0, 1]).unwrap(), "狼，橙色背景");
    }

    #[test]
    fn unknown_slot_or_missing_list_gives_no_prompt() {
        assert_eq!(filled(ENGLISH, "{a weather}", &[]), None);
        let mut knowledge = emoji();
        knowledge.prompts[ENGLISH] = vec!["{a thing} {place}".to_string()];
        assert_eq!(random_prompt(&knowledge, ENGLISH, &mut |_| 0), None);
        assert_eq!(random_prompt(&emoji(), CHINESE, &mut |_| 0), None, "it knows no Chinese");
    }

    #[test]
    fn bundled_model_never_gets_a_thing_on_its_own_colour() {
        let emoji = emoji();
        let mut seed = 1_usize;
        let mut prompts = std::collections::HashSet::new();
        for _ in 0..3_000 {
            let mut choose = |count: usize| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040);
                (seed >> 33) % count
            };
            let prompt = random_prompt(&emoji, ENGLISH, &mut choose).unwrap();
            let (thing, colour) = prompt.rsplit_once(" on ").unwrap();
            let colour = colour.trim_end_matches(" background").split(' ').nth(1).unwrap();
            assert!(!thing.split(' ').any(|word| word == colour), "{prompt}");
            prompts.insert(prompt);
        }
        assert!(prompts.len() > 1_500, "only {} different prompts", prompts.len());
    }

    #[test]
    fn prompt_of_a_thing_and_of_a_background() {
        let (small, emoji) = (small(), emoji());
        let octopus = emoji.things.iter().find(|thing| thing.name == "octopus").unwrap();
        let prompt = prompt_of(&emoji, ENGLISH, octopus, &mut |_| 1).unwrap();
        assert_eq!(prompt, "an octopus on an orange background");
        assert_eq!(background(&small, ENGLISH, &small.colours[1]), "on an orange background");
        assert_eq!(background(&small, CHINESE, &small.colours[1]), "橙色背景");
        assert_eq!(one_of(&small.things[1], CHINESE), "一匹马");
        assert_eq!(one_of(&small.things[2], ENGLISH), "bread");
    }
}
