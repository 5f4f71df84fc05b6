//! The one way in which [`super::protocol`]'s words become JavaScript values and come back.

use serde::{Serialize, de::DeserializeOwned};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

use crate::error::{Error, Result};

/// A value that `postMessage` can clone: numbers stay numbers, bytes become a `Uint8Array`.
pub fn to_js<T: Serialize>(message: &T) -> Result<JsValue> {
    message.serialize(&Serializer::new()).map_err(unexpected)
}

/// The opposite of [`to_js`].
pub fn from_js<T: DeserializeOwned>(value: JsValue) -> Result<T> {
    serde_wasm_bindgen::from_value(value).map_err(unexpected)
}

fn unexpected(error: serde_wasm_bindgen::Error) -> Error {
    Error::Internal { reason: format!("page and engine do not understand each other ({error})") }
}
