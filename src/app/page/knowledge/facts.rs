//! What a model knows: the content of its `knowledge.json`.

/// Code of English, the first of [`LANGUAGES`].
pub const ENGLISH: usize = 0;
/// Code of Chinese.
pub const CHINESE: usize = 1;
/// Languages of texts in the file, by their codes.
pub const LANGUAGES: [&str; 2] = ["en", "zh-Hans"];

/// Texts of the same meaning, English and Chinese.
pub type Texts = [String; 2];

/// A thing that the model draws.
#[derive(Debug, Clone, Default, PartialEq)]
#[cfg_attr(test, derive(serde::Deserialize))]
pub struct Thing {
    /// English name as in prompts.
    pub name: String,
    /// Plural of the name; `None`: it has none, or is a plural already.
    pub plural: Option<String>,
    /// Other English names.
    pub others: Vec<String>,
    /// Chinese names, the usual one first.
    pub chinese: Vec<String>,
    /// Chinese measure word.
    pub measure: String,
    /// Name of its kind.
    pub kind: String,
    /// Its emoji.
    pub character: String,
}

/// A colour, place, style or number, or a kind of things.
#[derive(Debug, Clone, Default, PartialEq)]
#[cfg_attr(test, derive(serde::Deserialize))]
pub struct Phrase {
    /// Name by which things refer to their kind.
    #[cfg_attr(test, serde(default))]
    pub name: String,
    /// English text.
    pub english: String,
    /// Other English names.
    #[cfg_attr(test, serde(default))]
    pub others: Vec<String>,
    /// Chinese text.
    pub chinese: String,
    /// A colour's red, green and blue.
    #[cfg_attr(test, serde(default))]
    pub rgb: [u8; 3],
}

/// The content of the file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Knowledge {
    /// Kinds of things, in the order of the list.
    pub kinds: Vec<Phrase>,
    /// Things.
    pub things: Vec<Thing>,
    /// Colours.
    pub colours: Vec<Phrase>,
    /// Places, as they follow a thing ("in a meadow").
    pub places: Vec<Phrase>,
    /// Styles.
    pub styles: Vec<Phrase>,
    /// Numbers that it can count to.
    pub numbers: Vec<Phrase>,
    /// How a prompt names a flat background, by language: "on {a colour} background".
    pub backgrounds: Texts,
    /// Templates of prompts, by language; none for a language that the model does not know.
    pub prompts: [Vec<String>; 2],
}

impl Thing {
    /// Returns its usual name in a language.
    pub fn name_in(&self, language: usize) -> &str {
        match self.chinese.first() {
            Some(chinese) if language == CHINESE => chinese,
            _ => &self.name,
        }
    }

    /// Returns its names in a language, in English with its plural.
    pub fn names_in(&self, language: usize) -> Vec<&str> {
        let mut names = Vec::new();
        if language == CHINESE {
            names.extend(self.chinese.iter().map(String::as_str));
        } else {
            names.push(self.name.as_str());
            names.extend(self.others.iter().map(String::as_str));
            names.extend(self.plural.as_deref());
        }
        names
    }
}

impl Phrase {
    /// Returns it in a language.
    pub fn in_language(&self, language: usize) -> &str {
        if language == CHINESE { &self.chinese } else { &self.english }
    }
}

impl Knowledge {
    /// Returns the language of prompts for a page in `language`: English if the model does not know that.
    pub fn prompt_language(&self, language: usize) -> usize {
        match self.prompts.get(language) {
            Some(templates) if !templates.is_empty() => language,
            _ => ENGLISH,
        }
    }

    /// Returns whether the model draws several things at once.
    pub fn combines(&self) -> bool {
        self.prompts.iter().flatten().any(|template| template.contains("{another"))
    }
}

#[cfg(test)]
pub mod examples {
    //! Knowledge for tests: that of the bundled model, and a small one with all abilities.
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use serde_json::{Value, from_value};

    use super::{Knowledge, LANGUAGES, Phrase};

    /// The bundled model's file.
    pub const EMOJI: &str = include_str!("../../../../www/models/emoji/knowledge.json");

    const SMALL: &str = r#"{
        "kinds": [{"name": "animal", "english": "Animals", "chinese": "动物"}],
        "things": [
            {"name": "wolf", "plural": "wolves", "others": [], "chinese": ["狼"], "measure": "只", "kind": "animal", "character": "🐺"},
            {"name": "horse", "plural": "horses", "others": ["pony"], "chinese": ["马"], "measure": "匹", "kind": "animal", "character": "🐎"},
            {"name": "bread", "plural": null, "others": [], "chinese": ["面包"], "measure": "块", "kind": "food", "character": "🍞"}
        ],
        "colours": [{"english": "red", "chinese": "红色", "rgb": [220, 40, 40]}, {"english": "orange", "chinese": "橙色", "rgb": [255, 140, 0]}],
        "backgrounds": {"en": "on {a colour} background", "zh-Hans": "{colour}背景"},
        "places": [{"english": "in a meadow", "chinese": "草地上"}, {"english": "at night", "chinese": "夜晚"}],
        "styles": [{"english": "flat icon", "chinese": "扁平图标"}],
        "numbers": [{"english": "two", "chinese": "两"}],
        "prompts": {"en": ["{a thing} next to {another thing}"], "zh-Hans": ["{a thing}在{place}"]}
    }"#;

    pub fn emoji() -> Knowledge {
        parse(EMOJI)
    }

    pub fn small() -> Knowledge {
        parse(SMALL)
    }

    pub fn parse(text: &str) -> Knowledge {
        let file: Value = serde_json::from_str(text).unwrap();
        let phrases = |name: &str| -> Vec<Phrase> { from_value(file[name].clone()).unwrap() };
        let by_language = |name: &str| LANGUAGES.map(|code| file[name][code].clone());
        Knowledge {
            kinds: phrases("kinds"),
            things: from_value(file["things"].clone()).unwrap(),
            colours: phrases("colours"),
            places: phrases("places"),
            styles: phrases("styles"),
            numbers: phrases("numbers"),
            backgrounds: by_language("backgrounds").map(|text| from_value(text).unwrap()),
            prompts: by_language("prompts").map(|list| match list {
                Value::Null => Vec::new(),
                list => from_value(list).unwrap(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::examples::{emoji, small};
    use super::{CHINESE, ENGLISH};

    #[test]
    fn file_of_bundled_model_is_complete() {
        let emoji = emoji();
        assert_eq!((emoji.things.len(), emoji.colours.len()), (323, 12));
        for thing in &emoji.things {
            let kind = emoji.kinds.iter().find(|kind| kind.name == thing.kind);
            let has_texts =
                kind.is_some_and(|kind| !kind.english.is_empty() && !kind.chinese.is_empty());
            assert!(has_texts, "{}: {}", thing.name, thing.kind);
            assert!(!thing.chinese.is_empty() && !thing.measure.is_empty(), "{}", thing.name);
            assert!(!thing.character.is_empty(), "{}", thing.name);
        }
    }

    #[test]
    fn prompts_are_in_the_page_language_if_the_model_knows_it() {
        assert_eq!(emoji().prompt_language(CHINESE), ENGLISH);
        assert_eq!(small().prompt_language(CHINESE), CHINESE);
        assert!(small().combines() && !emoji().combines());
    }
}
