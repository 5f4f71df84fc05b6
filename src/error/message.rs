//! A text for people that can be shown in every language.
//!
//! A [`Message`] is an [`Id`] with its arguments. Messages are declared in `english.rs`, with their English
//! texts; every other language is one file beside it. The compiler checks that no text is missing and that
//! each names exactly the parameters of its message.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::checks::{hash, names_in_order};

/// Makes the ids.
macro_rules! ids {
    ($($id:ident($($parameter:ident: $kind:ident),*): $text:literal;)*) => {
        /// Which message.
        #[allow(non_camel_case_types, missing_docs)] // A message says itself what it is.
        #[derive(Clone, Copy, PartialEq, Eq)]
        pub enum Id {
            $($id),*
        }

        impl Id {
            /// All of them.
            pub const ALL: &[Id] = &[$(Id::$id),*];

            /// The one of this name. The page has no table of names, only their hashes.
            pub fn of(name: &str) -> Option<Self> {
                const HASHES: &[u32] = &[$(hash(stringify!($id))),*];
                let wanted = hash(name);
                let index = HASHES.iter().position(|hash| *hash == wanted)?;
                Self::ALL.get(index).copied()
            }

            /// Its name, between worker and page.
            pub fn name(self) -> &'static str {
                match self {
                    $(Id::$id => stringify!($id)),*
                }
            }

            /// Its text in English.
            pub fn english(self) -> &'static str {
                match self {
                    $(Id::$id => $text),*
                }
            }

            /// The names of its parameters, for checks: a program finds them in the English text.
            pub(super) const fn parameters(self) -> &'static [&'static str] {
                match self {
                    $(Id::$id => &[$(stringify!($parameter)),*]),*
                }
            }
        }

        $(const _: () = assert!(
            names_in_order($text, Id::$id.parameters()),
            concat!("the English text of ", stringify!($id), " names other parameters")
        );)*
    };
}

with_messages!(ids);

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.english())
    }
}

/// English, as terminal, page and package show it.
pub const ENGLISH: Catalogue =
    Catalogue { text: Id::english, between_sentences: " ", sets_latin_apart: false };

/// A text for people: one of the catalogue with its arguments, or one that is shown as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Wire", into = "Wire")]
pub enum Message {
    /// The same in every language: a name, a number, or the words of a driver, browser or system.
    Verbatim(String),
    /// A text of the catalogue.
    Known {
        /// Which text.
        id: Id,
        /// What its parameters stand for, in the catalogue's order.
        arguments: Vec<Message>,
    },
}

/// The texts of one language.
pub struct Catalogue {
    /// The text of a message, with its parameters in braces.
    pub text: fn(Id) -> &'static str,
    /// What stands between two sentences.
    pub between_sentences: &'static str,
    /// Whether Latin letters are set apart from the letters before them.
    pub sets_latin_apart: bool,
}

impl Message {
    /// A text from outside, which is shown as it is: a name, a number, or what a driver, browser or
    /// system says. A sentence of Hearth's own belongs into the catalogue, unless only
    /// the terminal, a benchmark or [`super::Error::Internal`] shows it.
    pub fn verbatim(text: impl fmt::Display) -> Self {
        Message::Verbatim(text.to_string())
    }

    /// What the browser, driver or system says, as a part of a sentence: without its full stop.
    pub(super) fn clause(&self) -> Self {
        match self {
            Message::Verbatim(text) => Message::verbatim(text.trim().trim_end_matches(['.', '。'])),
            known => known.clone(),
        }
    }

    /// A text of the catalogue that has no parameters.
    pub const fn plain(id: Id) -> Self {
        Message::Known { id, arguments: Vec::new() }
    }

    /// Which text of the catalogue this is.
    pub fn id(&self) -> Option<Id> {
        match self {
            Message::Verbatim(_) => None,
            Message::Known { id, .. } => Some(*id),
        }
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        matches!(self, Message::Verbatim(text) if text.is_empty())
    }

    /// The arguments with the names of their parameters.
    pub fn arguments(&self) -> impl Iterator<Item = (&'static str, &Message)> {
        let (text, arguments): (&str, &[Message]) = match self {
            Message::Verbatim(_) => ("", &[]),
            Message::Known { id, arguments } => (id.english(), arguments),
        };
        names(text).into_iter().zip(arguments)
    }

    /// The argument for the parameter `name`.
    pub fn argument(&self, name: &str) -> Option<&Message> {
        self.arguments().find(|(parameter, _)| *parameter == name).map(|(_, argument)| argument)
    }

    /// The text in the language of `catalogue`.
    pub fn in_words(&self, catalogue: &Catalogue) -> String {
        let id = match self {
            Message::Verbatim(text) => return text.clone(),
            Message::Known { id, .. } => *id,
        };
        fill((catalogue.text)(id), catalogue.sets_latin_apart, |name| {
            self.argument(name).map(|argument| argument.in_words(catalogue))
        })
    }
}

/// A text with what `value` gives for the names in its braces.
pub fn fill(text: &str, sets_latin_apart: bool, value: impl Fn(&str) -> Option<String>) -> String {
    let mut parts = text.split('{');
    let mut filled = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap_or((part, ""));
        let value = value(name).unwrap_or_default();
        let is_latin = value.starts_with(|c: char| c.is_ascii_alphanumeric());
        if sets_latin_apart && is_latin && filled.ends_with(is_han) {
            filled.push(' ');
        }
        filled += &value;
        filled += rest;
    }
    filled
}

/// The names in braces of an English text, which come in the order of its parameters.
fn names(text: &'static str) -> Vec<&'static str> {
    let mut names = Vec::new();
    for (name, _) in text.split('{').skip(1).filter_map(|part| part.split_once('}')) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn is_han(letter: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&letter)
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_words(&ENGLISH))
    }
}

/// The argument of a parameter that is a name or another text of the user's or a file's own.
pub struct Text(String);

/// The argument of a parameter that is a number.
pub struct Number(String);

macro_rules! takes {
    ($kind:ident: $($from:ty),*) => {
        $(impl From<$from> for $kind {
            fn from(value: $from) -> Self {
                $kind(value.to_string())
            }
        })*

        impl From<$kind> for Message {
            fn from($kind(text): $kind) -> Self {
                Message::Verbatim(text)
            }
        }
    };
}

takes!(Text: &str, &&str, &String, String);
takes!(Number: u32, u64, usize, f32, f64);

/// A message between worker and page. `text` is its English, for programs in other languages.
#[derive(Serialize, Deserialize)]
struct Wire {
    text: String,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    arguments: Vec<Message>,
}

impl From<Message> for Wire {
    fn from(message: Message) -> Self {
        let text = message.to_string();
        match message {
            Message::Verbatim(_) => Wire { text, id: None, arguments: Vec::new() },
            Message::Known { id, arguments } => {
                Wire { text, id: Some(id.name().to_string()), arguments }
            }
        }
    }
}

impl From<Wire> for Message {
    fn from(Wire { text, id, arguments }: Wire) -> Self {
        match id.and_then(|name| Id::of(&name)) {
            Some(id) if names(id.english()).len() == arguments.len() => {
                Message::Known { id, arguments }
            }
            _ => Message::Verbatim(text),
        }
    }
}
