//! Parameters in messages and in JSON.
//!
//! They are an object with a member for each, by its name.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::field::{Field, Kind, Value};
use super::fields::{FIELDS, GenerationParams, PartialParams, field};

impl Field {
    /// Converts a received value to one of this field. A JavaScript number may be an integer or
    /// not, and a text may be a number that is too wide for JavaScript.
    pub fn accept(&self, value: Value) -> Option<Value> {
        match (self.kind, value) {
            (Kind::Float { .. }, value @ (Value::Int(_) | Value::Float(_))) => {
                value.as_f64().map(Value::Float)
            }
            (Kind::Int { .. }, Value::Float(value)) if value.fract() == 0.0 && value >= 0.0 => {
                Some(Value::Int(value as u64))
            }
            (Kind::Int { .. }, Value::Int(_)) if self.is_wide() => None,
            (Kind::Int { .. }, value @ Value::Int(_)) => Some(value),
            (Kind::Int { .. }, Value::Text(text)) if self.is_wide() => self.parse(&text).ok(),
            (Kind::Choice(_), Value::Text(text)) => self.parse(&text).ok(),
            (Kind::Text, value @ Value::Text(_)) => Some(value),
            _ => None,
        }
    }

    /// Converts a value for sending: one that is too wide for JavaScript becomes a text.
    pub fn to_wire(&self, value: Value) -> Value {
        match value {
            Value::Int(_) if self.is_wide() => Value::Text(value.to_string()),
            value => value,
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Text(text) => serializer.serialize_str(text),
            Value::Int(value) => serializer.serialize_u64(*value),
            Value::Float(value) => serializer.serialize_f64(*value),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl Visitor<'_> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a number")
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(u64::try_from(value).map_or(Value::Float(value as f64), Value::Int))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }
}

impl Serialize for PartialParams {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // A struct, not a map: a map would become a `Map` in JavaScript.
        let mut object = serializer.serialize_struct("PartialParams", FIELDS.len())?;
        self.write_into(&mut object)?;
        object.end()
    }
}

impl PartialParams {
    /// Writes the parameters as members of an object that also has other members.
    pub fn write_into<S: SerializeStruct>(&self, object: &mut S) -> Result<(), S::Error> {
        FIELDS.iter().try_for_each(|field| match self.get(field) {
            Some(value) => object.serialize_field(field.name, &field.to_wire(value)),
            None => object.skip_field(field.name),
        })
    }

    /// Reads the member `name` of an object. Names that are not parameters are ignored.
    pub fn read_member<'de, A: MapAccess<'de>>(
        &mut self,
        name: &str,
        map: &mut A,
    ) -> Result<(), A::Error> {
        let Some(field) = field(name).filter(|field| !matches!(field.kind, Kind::Image)) else {
            return map.next_value::<IgnoredAny>().map(drop);
        };
        let Some(value) = map.next_value::<Option<Value>>()? else { return Ok(()) };
        // An empty choice means none.
        if matches!((field.kind, &value), (Kind::Choice(_), Value::Text(text)) if text.is_empty()) {
            return Ok(());
        }
        let accepted = field.accept(value.clone());
        if accepted.is_some_and(|value| self.set(field, &value)) {
            return Ok(());
        }
        Err(A::Error::custom(format!("{name} cannot be {value}")))
    }
}

impl<'de> Deserialize<'de> for PartialParams {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(AnyParams)
    }
}

struct AnyParams;

impl<'de> Visitor<'de> for AnyParams {
    type Value = PartialParams;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of parameters")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<PartialParams, A::Error> {
        let mut params = PartialParams::default();
        while let Some(name) = map.next_key::<String>()? {
            params.read_member(&name, &mut map)?;
        }
        Ok(params)
    }
}

impl Serialize for GenerationParams {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        PartialParams::from(self.clone()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for GenerationParams {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = PartialParams::deserialize(deserializer)?;
        Ok(GenerationParams::default().with(&given))
    }
}
