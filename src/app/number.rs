//! A number in a field of the form, or what is wrong with it.

use web_sys::HtmlInputElement;

use crate::error::{Error, Result};

/// A whole number between the field's bounds. `field` is its name in the request.
pub fn whole(field: &'static str, input: &HtmlInputElement) -> Result<u32> {
    let value = number(field, input)?;
    if value.fract() == 0.0 && value >= 0.0 {
        Ok(value as u32)
    } else {
        Err(impossible(field, input, "a whole number"))
    }
}

/// A number between the field's bounds.
pub fn number(field: &'static str, input: &HtmlInputElement) -> Result<f64> {
    let value = input.value_as_number();
    let bound = |text: String, otherwise| text.parse().unwrap_or(otherwise);
    let range = bound(input.min(), f64::MIN)..=bound(input.max(), f64::MAX);
    if range.contains(&value) { Ok(value) } else { Err(impossible(field, input, "a number")) }
}

fn impossible(field: &'static str, input: &HtmlInputElement, kind: &str) -> Error {
    let value = input.value();
    Error::InvalidRequest {
        field,
        value: if value.is_empty() { "empty".into() } else { value },
        reason: format!("it must be {kind} from {} to {}", input.min(), input.max()),
    }
}
