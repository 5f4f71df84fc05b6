//! A text for people that can be shown in every language.
//!
//! A [`Message`] is an [`Id`] with its arguments. The English texts are in [`super::messages`], where the
//! ids and their parameters are declared; every other language is one file beside it. The compiler checks
//! that no text is missing and that each names exactly the parameters of its message.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::messages::{self, Id};

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
    /// system says. What Hearth itself says belongs into the catalogue.
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

    /// Whether it is this text of the catalogue.
    pub fn is(&self, wanted: Id) -> bool {
        matches!(self, Message::Known { id, .. } if *id == wanted)
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
        let mut parts = (catalogue.text)(id).split('{');
        let mut text = parts.next().unwrap_or_default().to_string();
        for part in parts {
            let (name, rest) = part.split_once('}').unwrap_or((part, ""));
            let value = self.argument(name).map(|argument| argument.in_words(catalogue));
            let value = value.unwrap_or_default();
            let is_latin = value.starts_with(|c: char| c.is_ascii_alphanumeric());
            if catalogue.sets_latin_apart && is_latin && text.ends_with(is_han) {
                text.push(' ');
            }
            text += &value;
            text += rest;
        }
        text
    }
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
        f.write_str(&self.in_words(&messages::ENGLISH))
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

/// Whether the names in braces of `text` are exactly `parameters`. Runs in the compiler.
pub(super) const fn fits(text: &str, parameters: &[&str]) -> bool {
    let text = text.as_bytes();
    let mut is_used = [false; MOST_PARAMETERS];
    let mut at = 0;
    while at < text.len() {
        if text[at] == b'{' {
            let mut which = 0;
            while which < parameters.len() && !stands_at(text, at + 1, parameters[which].as_bytes())
            {
                which += 1;
            }
            if which == parameters.len() {
                return false;
            }
            is_used[which] = true;
        }
        at += 1;
    }
    let mut which = 0;
    while which < parameters.len() {
        if !is_used[which] {
            return false;
        }
        which += 1;
    }
    true
}

const MOST_PARAMETERS: usize = 8;

/// Whether the names in braces of `text` are `parameters`, each for the first time in their order. Runs in
/// the compiler.
pub(super) const fn names_in_order(text: &str, parameters: &[&str]) -> bool {
    let bytes = text.as_bytes();
    let (mut at, mut found) = (0, 0);
    while at < bytes.len() {
        if bytes[at] == b'{' {
            let mut which = 0;
            while which < found && !stands_at(bytes, at + 1, parameters[which].as_bytes()) {
                which += 1;
            }
            if which == found {
                let is_next = found < parameters.len()
                    && stands_at(bytes, at + 1, parameters[found].as_bytes());
                if !is_next {
                    return false;
                }
                found += 1;
            }
        }
        at += 1;
    }
    found == parameters.len()
}

/// FNV-1a.
pub(super) const fn hash(name: &str) -> u32 {
    let name = name.as_bytes();
    let (mut hash, mut at) = (0x811c_9dc5_u32, 0);
    while at < name.len() {
        hash = (hash ^ name[at] as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    hash
}

/// Whether `name` and a closing brace stand in `text` at this place.
const fn stands_at(text: &[u8], place: usize, name: &[u8]) -> bool {
    if place + name.len() >= text.len() || text[place + name.len()] != b'}' {
        return false;
    }
    let mut at = 0;
    while at < name.len() {
        if text[place + at] != name[at] {
            return false;
        }
        at += 1;
    }
    true
}
