//! Rust types of parameters.

use super::field::Value;
use crate::prompt::{Emphasis, Grammar};
use crate::scheduler::{NoiseSource, SchedulerName};

/// Rust type of a single value.
pub trait Scalar: Sized {
    /// Converts it to a value.
    fn to_value(&self) -> Value;
    /// Converts a value; `None` if it is of another kind or out of range.
    fn from_value(value: &Value) -> Option<Self>;
}

/// Rust type of a field of [`super::GenerationParams`]: a value, or an optional one.
pub trait Parameter: Sized {
    /// Type of the value.
    type Inner: Scalar;
    /// Returns the value; `None` if it is absent.
    fn to_value(&self) -> Option<Value>;
    /// Returns the field with this value.
    fn from_inner(inner: Self::Inner) -> Self;
}

impl<T: Scalar> Parameter for T {
    type Inner = T;

    fn to_value(&self) -> Option<Value> {
        Some(Scalar::to_value(self))
    }

    fn from_inner(inner: T) -> Self {
        inner
    }
}

impl<T: Scalar> Parameter for Option<T> {
    type Inner = T;

    fn to_value(&self) -> Option<Value> {
        self.as_ref().map(Scalar::to_value)
    }

    fn from_inner(inner: T) -> Self {
        Some(inner)
    }
}

impl Scalar for String {
    fn to_value(&self) -> Value {
        Value::Text(self.clone())
    }

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }
    }
}

impl Scalar for u64 {
    fn to_value(&self) -> Value {
        Value::Int(*self)
    }

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Int(value) => Some(*value),
            _ => None,
        }
    }
}

impl Scalar for usize {
    fn to_value(&self) -> Value {
        Value::Int(*self as u64)
    }

    fn from_value(value: &Value) -> Option<Self> {
        u64::from_value(value)?.try_into().ok()
    }
}

impl Scalar for f64 {
    fn to_value(&self) -> Value {
        Value::Float(*self)
    }

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Float(value) => Some(*value),
            _ => None,
        }
    }
}

/// Implements [`Scalar`] for names of a choice.
macro_rules! named_scalar {
    ($($type:ty),*) => {
        $(impl Scalar for $type {
            fn to_value(&self) -> Value {
                Value::Text(self.to_string())
            }

            fn from_value(value: &Value) -> Option<Self> {
                match value {
                    Value::Text(text) => text.parse().ok(),
                    _ => None,
                }
            }
        })*
    };
}

named_scalar!(SchedulerName, NoiseSource, Grammar, Emphasis);
