//! JSON objects of other programs.

use serde::de::DeserializeOwned;

use super::{Message, messages};

/// Parses a JSON object. A byte-order mark before it, as editors on Windows write it, is skipped.
///
/// # Errors
/// Why not, as a clause: it is another JSON value than an object, or serde's words.
pub fn object<T: DeserializeOwned>(json: &[u8]) -> Result<T, Message> {
    let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
    serde_json::from_slice(json).map_err(|error| {
        let is_json = || serde_json::from_slice::<serde::de::IgnoredAny>(json).is_ok();
        let is_object = json.trim_ascii_start().starts_with(b"{");
        match !is_object && is_json() {
            true => messages::no_json_object(),
            false => Message::verbatim(error),
        }
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::object;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Config {
        layers: u32,
    }

    #[test]
    fn byte_order_mark_is_skipped() {
        assert_eq!(object(b"\xef\xbb\xbf{\"layers\": 3}"), Ok(Config { layers: 3 }));
        assert_eq!(object(b" {\"layers\": 3}"), Ok(Config { layers: 3 }));
    }

    #[test]
    fn other_values_are_named_as_no_object() {
        for json in ["[1, 2]", "3", "\"text\"", "null", "[]"] {
            let error = object::<Config>(json.as_bytes()).map_err(|error| error.to_string());
            assert_eq!(error, Err("it is no JSON object".to_string()), "{json}");
        }
        for json in ["", "{", "[1,", "<html>", "{\"layers\": true}"] {
            let error = object::<Config>(json.as_bytes()).map_err(|error| error.to_string());
            assert_ne!(error, Err("it is no JSON object".to_string()), "{json}");
            assert!(error.is_err(), "{json}");
        }
    }
}
