//! Search in what a model knows.

use super::facts::{CHINESE, ENGLISH, Knowledge, Phrase, Thing};

/// A search.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query(Vec<String>);

impl Query {
    /// Reads what the user has typed.
    pub fn new(text: &str) -> Self {
        Query(text.to_lowercase().split_whitespace().map(str::to_string).collect())
    }

    /// Returns whether nothing is searched for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether a name of a thing has all words of the query.
    pub fn finds_thing(&self, knowledge: &Knowledge, thing: &Thing) -> bool {
        let mut texts = thing.names_in(ENGLISH);
        texts.extend(thing.names_in(CHINESE));
        if let Some(kind) = knowledge.kinds.iter().find(|kind| kind.name == thing.kind) {
            texts.extend([kind.english.as_str(), &kind.chinese]);
        }
        self.finds(texts)
    }

    /// Returns whether a phrase has all words of the query.
    pub fn finds_phrase(&self, phrase: &Phrase) -> bool {
        let mut texts = vec![phrase.english.as_str(), &phrase.chinese];
        texts.extend(phrase.others.iter().map(String::as_str));
        self.finds(texts)
    }

    fn finds(&self, texts: Vec<&str>) -> bool {
        let texts: Vec<String> = texts.into_iter().map(str::to_lowercase).collect();
        self.0.iter().all(|wanted| texts.iter().any(|text| has(text, wanted)))
    }
}

/// Returns whether a word of the text begins with `wanted`; Chinese has no spaces between its words.
fn has(text: &str, wanted: &str) -> bool {
    let is_start = |(at, _): (usize, &str)| {
        let before = text[..at].chars().next_back();
        before.is_none_or(|before| !before.is_ascii_alphanumeric())
    };
    text.match_indices(wanted).any(is_start)
}

#[cfg(test)]
mod tests {
    use super::super::facts::examples::emoji;
    use super::Query;

    fn found(query: &str) -> Vec<String> {
        let (emoji, query) = (emoji(), Query::new(query));
        let things = emoji.things.iter().filter(|thing| query.finds_thing(&emoji, thing));
        things.map(|thing| thing.name.clone()).collect()
    }

    #[test]
    fn things_are_found_by_each_of_their_names() {
        assert_eq!(found("octopus"), ["octopus"]);
        assert_eq!(found("章鱼"), ["octopus"]);
        assert_eq!(found("aeroplane"), ["airplane"]);
        assert_eq!(found("Wolves"), ["wolf"]);
        assert!(found("苹果").contains(&"red apple".to_string()));
    }

    #[test]
    fn words_are_found_by_their_beginning() {
        assert!(found("cat").contains(&"cat".to_string()));
        assert!(!found("at").iter().any(|name| name == "cat"), "not within a word");
        assert_eq!(found("ball soc"), ["soccer ball"], "in any order");
        assert!(found("xqz").is_empty());
    }

    #[test]
    fn kinds_find_their_things() {
        let animals = found("animals");
        assert!(animals.len() > 40 && animals.contains(&"fox".to_string()));
        assert_eq!(found("动物"), animals);
    }

    #[test]
    fn empty_query_finds_everything() {
        assert!(Query::new("  ").is_empty());
        assert_eq!(found(" ").len(), 323);
    }
}
