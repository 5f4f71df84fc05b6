//! Parsing of configs.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{self, Error, Message, Result, messages};

/// Reads a config whose fields in `only` must have the value given there, or be absent.
pub(super) fn parse<C: DeserializeOwned>(
    json: &[u8],
    path: &str,
    only: &[(&str, Value)],
) -> Result<C> {
    let mut value: Value = error::json::object(json).map_err(|reason| invalid(path, reason))?;
    for (field, allowed) in only {
        match value.get(field) {
            Some(found) if !same(found, allowed) => {
                return Err(Error::Unsupported {
                    path: path.to_string(),
                    what: Message::verbatim(format!("{field} = {found}")),
                    remedy: messages::families_that_work(),
                });
            }
            _ => {}
        }
    }
    // `null` means the default, except for the middle block, where it means that there is none.
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|field, value| !value.is_null() || field == "mid_block_type");
    }
    serde_json::from_value(value).map_err(|e| invalid(path, Message::verbatim(e)))
}

/// Returns whether two values are equal. 1 and 1.0 are the same, `null` equals absence, so does
/// `false` where nothing else is allowed, and a list equals a value if each of its values does.
fn same(found: &Value, allowed: &Value) -> bool {
    match found {
        Value::Null => true,
        Value::Bool(false) if allowed.is_null() => true,
        Value::Number(found) => found.as_f64() == allowed.as_f64(),
        Value::Array(each) if !allowed.is_null() => each.iter().all(|found| same(found, allowed)),
        found => found == allowed,
    }
}

pub(super) fn check_groups(channels: &[usize], groups: usize) -> Result<(), Message> {
    match channels
        .iter()
        .find(|&&c| groups == 0 || c == 0 || c > 1 << 16 || !c.is_multiple_of(groups))
    {
        Some(c) => Err(messages::channels_split_into_groups(*c, groups)),
        None => Ok(()),
    }
}

pub(super) fn invalid(path: &str, reason: Message) -> Error {
    Error::InvalidConfig { path: path.to_string(), reason }
}
