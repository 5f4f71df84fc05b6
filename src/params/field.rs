//! A parameter's row in the table.

use std::fmt;

use crate::error::{Error, Message, Result, field_name, messages};

/// A parameter: its names, values and places in the interfaces.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// diffusers' name of the argument; also in Rust, in messages to the worker and in JSON.
    pub name: &'static str,
    /// Name in JavaScript. The element's attribute is the same with dashes.
    pub js: &'static str,
    /// Flag of the command line, without its dashes.
    pub flag: &'static str,
    /// Placeholder for the value in the command line's help.
    pub value_name: &'static str,
    /// `id` of the input on the page. If index.html has none, the page makes one.
    pub id: &'static str,
    /// Key of its texts on the page: `{label}_label`, `{label}_hint`, `field_{label}`,
    /// `recipe_{label}`.
    pub label: &'static str,
    /// English description without a full stop, for the command line, the package's types and its
    /// documentation.
    pub help: &'static str,
    /// Kind and valid values.
    pub kind: Kind,
    /// Range of the page's input, if it is another than that of `kind`, as the page counts: minimum,
    /// maximum, step.
    pub input: Option<[f64; 3]>,
    /// How page and package count, if not as diffusers.
    pub count: Option<Count>,
    /// Default value.
    pub default: DefaultRule,
    /// Section of the form.
    pub section: Section,
    /// Key and format in AUTOMATIC1111's `parameters` text, if that is a key and a number.
    pub a1111: Option<A1111>,
    /// Key in Hearth's own JSON metadata, if it is not [`Self::name`].
    pub json: Option<&'static str>,
    /// Another field, by its [`Self::name`], without which this one has no meaning.
    pub requires: Option<&'static str>,
    /// Whether the custom element has an attribute for it.
    pub is_attribute: bool,
    /// Values that are possible but spoil the picture, or have no effect.
    pub unwise: &'static [Unwise],
    /// First release that has it.
    pub since: &'static str,
}

/// Returns the error of a number that is no multiple of `step`, which names the next lower one that is.
pub fn no_multiple(field: &'static str, number: u64, step: u64) -> Error {
    let example = (number / step * step).max(step);
    let (value, reason) = (Message::verbatim(number), messages::multiple_of(step, example));
    Error::InvalidRequest { field, value, reason }
}

/// Values that are possible but hardly what the user means; said before anything is computed.
#[derive(Debug, Clone, Copy)]
pub struct Unwise {
    /// Values below this, or…
    pub below: f64,
    /// … above this.
    pub above: f64,
    /// What they do, and what is usual.
    pub why: fn() -> Message,
}

/// Kind of a parameter, with its valid values.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Any text.
    Text,
    /// An integer.
    Int {
        /// Minimum.
        min: u64,
        /// Maximum.
        max: u64,
        /// The value must be a multiple of this.
        step: u64,
    },
    /// A finite number.
    Float {
        /// Minimum; infinite for none.
        min: f64,
        /// Maximum; infinite for none.
        max: f64,
        /// Whether `min` itself is excluded.
        above: bool,
    },
    /// One of several names.
    Choice(Choice),
    /// An image, which is sent next to the values.
    Image,
}

/// Names of a [`Kind::Choice`].
#[derive(Debug, Clone, Copy)]
pub struct Choice {
    /// All names, in the order of a menu.
    pub names: fn() -> Vec<&'static str>,
    /// Returns the name that a text or alias stands for.
    pub find: fn(&str) -> Result<&'static str>,
    /// Names in one line, for the command line's help.
    pub summary: fn() -> String,
}

/// Another count of a parameter than diffusers', which page and package show and take. Messages to the
/// worker, metadata and the flag of the parameter keep diffusers'.
///
/// The page converts in [`Field::read`] and [`Field::shown`], the package in `npm/src/request.js`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// How much larger its numbers are.
    pub offset: u64,
    /// Description in place of [`Field::help`] for the package.
    pub help: &'static str,
}

/// Rule for the default value of a parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DefaultRule {
    /// A constant: that of [`super::GenerationParams::default`].
    Fixed,
    /// The model's own default.
    Model,
    /// A new one for each image; on the command line that of `GenerationParams::default`.
    Random,
    /// One value without a mask, another with one.
    Masked([f64; 2]),
    /// No value.
    Absent,
}

/// Section of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// Prompts.
    Prompt,
    /// Denoising.
    Sampling,
    /// Size of the image.
    Size,
    /// Init image and mask.
    InitImage,
}

/// Key of AUTOMATIC1111's `parameters` text.
#[derive(Debug, Clone, Copy)]
pub struct A1111 {
    /// Key that is written, and read first.
    pub key: &'static str,
    /// Keys that extensions write instead.
    pub other_keys: &'static [&'static str],
    /// Offset of that program's number from diffusers'.
    pub offset: u64,
    /// Whether it is omitted for the default value.
    pub omits_default: bool,
}

impl A1111 {
    /// Returns a key with diffusers' own number, always written.
    pub const fn plain(key: &'static str) -> Self {
        A1111 { key, other_keys: &[], offset: 0, omits_default: false }
    }
}

/// Value of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Value of [`Kind::Text`] and [`Kind::Choice`].
    Text(String),
    /// Value of [`Kind::Int`].
    Int(u64),
    /// Value of [`Kind::Float`].
    Float(f64),
}

/// Writes the value as a user types it: a number without needless digits.
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
    /// Returns the number of either kind.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Text(_) => None,
            Value::Int(value) => Some(*value as f64),
            Value::Float(value) => Some(*value),
        }
    }
}

impl Field {
    /// Returns the key in Hearth's own JSON metadata.
    pub fn json_key(&self) -> &'static str {
        self.json.unwrap_or(self.name)
    }

    /// Returns whether JavaScript's numbers cannot hold every value, so that the value is sent as
    /// text.
    pub fn is_wide(&self) -> bool {
        matches!(self.kind, Kind::Int { max, .. } if max > 1 << 53)
    }

    /// Parses a text, whether or not the value is in range.
    ///
    /// # Errors
    /// If it is not a value of this kind.
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
    /// If it is not in range.
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

    /// Checks that a number is a multiple of the parameter's step, which the engine does only for a run.
    ///
    /// # Errors
    /// If it is not, with the next lower one that is.
    pub fn check_multiple(&self, value: &Value) -> Result<()> {
        match (self.kind, value) {
            (Kind::Int { step, .. }, Value::Int(number)) if number % step != 0 => {
                Err(no_multiple(self.name, *number, step))
            }
            _ => Ok(()),
        }
    }

    /// Returns why a valid value is hardly what the user means, if so.
    pub fn warning(&self, value: &Value) -> Option<Message> {
        let why = self.unwise_because(value)?;
        Some(messages::unwise_value(field_name(self.name), value.to_string(), why))
    }

    /// Returns what a valid value does that is hardly meant, and what is usual.
    pub fn unwise_because(&self, value: &Value) -> Option<Message> {
        let number = value.as_f64()?;
        let is_unwise = |row: &&Unwise| number < row.below || number > row.above;
        Some((self.unwise.iter().find(is_unwise)?.why)())
    }

    /// Parses the text of the page's input.
    ///
    /// # Errors
    /// If it is not a value, or not in the range of the input.
    pub fn read(&self, text: &str) -> Result<Value> {
        let [min, max, _] = self.offered();
        let refused = || self.refused_for(text.trim(), self.offered());
        let value = self.parse(text).map_err(|error| match self.kind {
            Kind::Int { .. } | Kind::Float { .. } => refused(),
            _ => error,
        })?;
        let value = match value {
            value if value.as_f64().is_some_and(|number| !(min..=max).contains(&number)) => {
                return Err(refused());
            }
            Value::Int(number) => Value::Int(number.saturating_sub(self.offset())),
            value => value,
        };
        self.check(&value).map(|()| value)
    }

    /// Returns the text of the page's input for a value: what [`Field::read`] reads as it.
    pub fn shown(&self, value: &Value) -> String {
        match value {
            Value::Int(number) => number.saturating_add(self.offset()).to_string(),
            value => value.to_string(),
        }
    }

    /// Returns how much larger the numbers of page and package are than diffusers'.
    pub fn offset(&self) -> u64 {
        self.count.map_or(0, |count| count.offset)
    }

    /// Returns the range of the page's input: minimum, maximum, step; a step of 0 means any.
    pub fn offered(&self) -> [f64; 3] {
        self.input.unwrap_or_else(|| self.range())
    }

    fn range(&self) -> [f64; 3] {
        match self.kind {
            Kind::Int { min, max, step } => [min as f64, max as f64, step as f64],
            Kind::Float { min, max, .. } => [min, max, 0.0],
            _ => [f64::NEG_INFINITY, f64::INFINITY, 0.0],
        }
    }

    /// Returns the error of a value that is none, as diffusers counts.
    fn refused(&self, value: &str) -> Error {
        // Where the page counts alike, its range is the one that is useful.
        self.refused_for(value, if self.count.is_some() { self.range() } else { self.offered() })
    }

    fn refused_for(&self, value: &str, range: [f64; 3]) -> Error {
        Error::InvalidRequest {
            field: self.name,
            value: if value.is_empty() { messages::empty() } else { Message::verbatim(value) },
            reason: self.reason(range),
        }
    }

    fn reason(&self, range: [f64; 3]) -> Message {
        let [least, most, _] = range.map(|bound| bound.to_string());
        match self.kind {
            // f64 would round it.
            Kind::Int { min, max, .. } if self.is_wide() => {
                messages::whole_number_between(min.to_string(), max.to_string())
            }
            Kind::Int { .. } => messages::whole_number_between(least, most),
            Kind::Float { min, max, above: true } => {
                messages::number_above(min.to_string(), max.to_string())
            }
            Kind::Float { .. } if range[1].is_finite() => messages::number_between(least, most),
            Kind::Float { .. } => messages::any_number(),
            Kind::Choice(choice) => messages::one_of((choice.summary)()),
            Kind::Text => messages::any_text(),
            Kind::Image => messages::any_picture(),
        }
    }
}
