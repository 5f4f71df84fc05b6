//! A number in a field of the form, or what is wrong with it.

use web_sys::HtmlInputElement;

use crate::error::{Error, Message, Result, messages};

/// A whole number between the field's bounds. `field` is its name in the request.
pub fn whole(field: &'static str, input: &HtmlInputElement) -> Result<u32> {
    let value = number(field, input)?;
    if value.fract() == 0.0 && value >= 0.0 {
        Ok(value as u32)
    } else {
        Err(impossible(field, input, messages::whole_number_between))
    }
}

/// A number between the field's bounds.
pub fn number(field: &'static str, input: &HtmlInputElement) -> Result<f64> {
    let value = input.value_as_number();
    let bound = |text: String, otherwise| text.parse().unwrap_or(otherwise);
    let range = bound(input.min(), f64::MIN)..=bound(input.max(), f64::MAX);
    if range.contains(&value) {
        Ok(value)
    } else {
        Err(impossible(field, input, messages::number_between))
    }
}

fn impossible(
    field: &'static str,
    input: &HtmlInputElement,
    range: fn(String, String) -> Message,
) -> Error {
    let value = input.value();
    Error::InvalidRequest {
        field,
        value: if value.is_empty() { messages::empty() } else { Message::verbatim(value) },
        reason: range(input.min(), input.max()),
    }
}
