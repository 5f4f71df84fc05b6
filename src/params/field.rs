//! One parameter's row in the table.

use std::fmt;

use crate::error::{Error, Message, Result, messages};

/// A parameter: its names, its values and where it is offered.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// diffusers' name of the argument: in the engine, in messages to the worker, in JSON.
    pub name: &'static str,
    /// The name in JavaScript; the element's attribute is the same with dashes.
    pub js: &'static str,
    /// The command line's flag, without its dashes.
    pub flag: &'static str,
    /// What stands for a value in the command line's help.
    pub value_name: &'static str,
    /// The `id` of the input on the page. Where index.html has none, the page makes one.
    pub id: &'static str,
    /// The key of its words on the page: `{label}_label`, `{label}_hint`, `field_{label}`,
    /// `recipe_{label}`.
    pub label: &'static str,
    /// What it does, in English, without a full stop: for the command line, the package's types and its
    /// documentation.
    pub help: &'static str,
    /// The values that it can have.
    pub kind: Kind,
    /// The range that the page's input offers, if it is narrower than what `kind` says: least, most, step.
    pub input: Option<[f64; 3]>,
    /// What it is where it is left out.
    pub default: DefaultRule,
    /// What it belongs to.
    pub section: Section,
    /// How AUTOMATIC1111's `parameters` text has it, where that is a key and a number.
    pub a1111: Option<A1111>,
    /// The key in Hearth's own JSON metadata, where that is not [`Self::name`].
    pub json: Option<&'static str>,
    /// It has a meaning only with this other one, by its [`Self::name`].
    pub requires: Option<&'static str>,
    /// Whether the custom element has an attribute for it.
    pub is_attribute: bool,
    /// The first release that has it.
    pub since: &'static str,
}

/// The values that a parameter can have.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Any text.
    Text,
    /// A whole number.
    Int {
        /// The least.
        min: u64,
        /// The most.
        max: u64,
        /// It must be a multiple of this.
        step: u64,
    },
    /// A finite number.
    Float {
        /// The least; infinite for none.
        min: f64,
        /// The most; infinite for none.
        max: f64,
        /// Whether `min` itself is excluded.
        above: bool,
    },
    /// One of several names.
    Choice(Choice),
    /// A picture, which travels beside the values.
    Image,
}

/// The names of a [`Kind::Choice`].
#[derive(Debug, Clone, Copy)]
pub struct Choice {
    /// All of them, in the order of a menu.
    pub names: fn() -> Vec<&'static str>,
    /// Returns the name that a text means, which may be an alias of it.
    pub find: fn(&str) -> Result<&'static str>,
    /// The names in one line, for the command line's help.
    pub summary: fn() -> String,
}

/// What a parameter is where it is left out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DefaultRule {
    /// Always the same: that of [`super::GenerationParams::default`].
    Fixed,
    /// What the model is used to.
    Model,
    /// A new one for each picture; on the command line that of the default.
    Random,
    /// One value without a mask, another with one.
    Masked([f64; 2]),
    /// Nothing.
    Absent,
}

/// What a parameter belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// What to draw.
    Prompt,
    /// How it is denoised.
    Sampling,
    /// The picture's size.
    Size,
    /// The picture that it is made from.
    InitImage,
}

/// A key of AUTOMATIC1111's `parameters` text.
#[derive(Debug, Clone, Copy)]
pub struct A1111 {
    /// What is written, and read first.
    pub key: &'static str,
    /// What that program's number is more than diffusers'.
    pub offset: u64,
    /// Left out where the value is the default.
    pub omits_default: bool,
}

impl A1111 {
    /// A key with diffusers' own number, always written.
    pub const fn plain(key: &'static str) -> Self {
        A1111 { key, offset: 0, omits_default: false }
    }
}

/// A parameter's value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Of [`Kind::Text`] and [`Kind::Choice`].
    Text(String),
    /// Of [`Kind::Int`].
    Int(u64),
    /// Of [`Kind::Float`].
    Float(f64),
}

/// As it is typed: a number without needless digits.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => f.write_str(text),
            Value::Int(value) => value.fmt(f),
            Value::Float(value) => value.fmt(f),
        }
    }
}

impl Value {
    /// The number, of whichever kind.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Text(_) => None,
            Value::Int(value) => Some(*value as f64),
            Value::Float(value) => Some(*value),
        }
    }
}

impl Field {
    /// The key in Hearth's own JSON metadata.
    pub fn json_key(&self) -> &'static str {
        self.json.unwrap_or(self.name)
    }

    /// Whether JavaScript's numbers cannot hold every value, so that it travels as text.
    pub fn is_wide(&self) -> bool {
        matches!(self.kind, Kind::Int { max, .. } if max > 1 << 53)
    }

    /// The value that a text means, whether or not it is in range.
    ///
    /// # Errors
    /// If it is no value of this kind.
    pub fn parse(&self, text: &str) -> Result<Value> {
        let trimmed = text.trim();
        let value = match self.kind {
            Kind::Text => Some(Value::Text(text.to_string())),
            Kind::Int { .. } => trimmed.parse().ok().map(Value::Int),
            Kind::Float { .. } => {
                trimmed.parse().ok().filter(|value: &f64| !value.is_nan()).map(Value::Float)
            }
            Kind::Choice(choice) => {
                return (choice.find)(trimmed).map(|name| Value::Text(name.to_string()));
            }
            Kind::Image => None,
        };
        value.ok_or_else(|| self.refused(trimmed))
    }

    /// Checks that a value is in range.
    ///
    /// # Errors
    /// If it is not.
    pub fn check(&self, value: &Value) -> Result<()> {
        let fits = match (self.kind, value) {
            (Kind::Int { min, max, .. }, Value::Int(value)) => (min..=max).contains(value),
            (Kind::Float { min, max, above }, Value::Float(value)) => {
                value.is_finite() && (min..=max).contains(value) && !(above && *value == min)
            }
            (Kind::Choice(choice), Value::Text(value)) => (choice.find)(value).is_ok(),
            (Kind::Text, Value::Text(_)) => true,
            _ => false,
        };
        if fits { Ok(()) } else { Err(self.refused(&value.to_string())) }
    }

    /// The value of the page's input in which `text` stands.
    ///
    /// # Errors
    /// If it is none, or not in the range that the page offers.
    pub fn read(&self, text: &str) -> Result<Value> {
        let [min, max, _] = self.offered();
        let value = self.parse(text)?;
        match value.as_f64() {
            Some(number) if !(min..=max).contains(&number) => Err(self.refused(text.trim())),
            _ => self.check(&value).map(|()| value),
        }
    }

    /// What the page's input offers of numbers: least, most, step; a step of 0 is any.
    pub fn offered(&self) -> [f64; 3] {
        match (self.input, self.kind) {
            (Some(input), _) => input,
            (None, Kind::Int { min, max, step }) => [min as f64, max as f64, step as f64],
            (None, Kind::Float { min, max, .. }) => [min, max, 0.0],
            _ => [f64::NEG_INFINITY, f64::INFINITY, 0.0],
        }
    }

    fn refused(&self, value: &str) -> Error {
        Error::InvalidRequest {
            field: self.name,
            value: if value.is_empty() { messages::empty() } else { Message::verbatim(value) },
            reason: self.reason(),
        }
    }

    fn reason(&self) -> Message {
        let [least, most, _] = self.offered().map(|bound| bound.to_string());
        match self.kind {
            // f64 would round it.
            Kind::Int { min, max, .. } if self.is_wide() => {
                messages::whole_number_between(min.to_string(), max.to_string())
            }
            Kind::Int { .. } => messages::whole_number_between(least, most),
            Kind::Float { min, max, above: true } => {
                messages::number_above(min.to_string(), max.to_string())
            }
            Kind::Float { .. } if self.offered()[1].is_finite() => {
                messages::number_between(least, most)
            }
            Kind::Float { .. } => messages::any_number(),
            Kind::Choice(choice) => messages::one_of((choice.summary)()),
            Kind::Text => messages::any_text(),
            Kind::Image => messages::any_picture(),
        }
    }
}
