//! Conversion of messages to JavaScript values and back.
//!
//! Files and pictures are attached as properties of the message's object.

use js_sys::{Array, Reflect};
use serde::{Serialize, de::DeserializeOwned};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::File;

use crate::error::{Error, Message, Result};

/// A file on the user's disk, with its path relative to the picked folder.
pub type PickedFile = (String, File);

/// Property for files: a `File` can be posted but not serialised.
const FILES: &str = "files";

/// Property for the files of an autoencoder.
const VAE_FILES: &str = "vae_files";

/// Property for a picture: a `Blob`, an `ImageData` or an `ImageBitmap`.
const PICTURE: &str = "picture";

/// Converts to a value that `postMessage` can clone: numbers stay numbers, bytes become a
/// `Uint8Array`.
pub fn to_js<T: Serialize>(message: &T) -> Result<JsValue> {
    message.serialize(&Serializer::new()).map_err(unexpected)
}

/// Converts back from [`to_js`]'s result.
pub fn from_js<T: DeserializeOwned>(value: JsValue) -> Result<T> {
    serde_wasm_bindgen::from_value(value).map_err(unexpected)
}

/// Attaches files to a message.
pub fn attach(message: &JsValue, files: &[PickedFile]) {
    attach_as(FILES, message, files);
}

/// Attaches the files of an autoencoder to a message.
pub fn attach_vae(message: &JsValue, files: &[PickedFile]) {
    attach_as(VAE_FILES, message, files);
}

fn attach_as(property: &str, message: &JsValue, files: &[PickedFile]) {
    if files.is_empty() {
        return;
    }
    let pairs: Array =
        files.iter().map(|(path, file)| Array::of2(&JsValue::from_str(path), file)).collect();
    // Setting a property of a plain object cannot fail.
    let _ = Reflect::set(message, &property.into(), &pairs);
}

/// Removes and returns the files attached to a message.
pub fn detach(message: &JsValue) -> Vec<PickedFile> {
    detach_from(FILES, message)
}

/// Removes and returns the files of an autoencoder attached to a message.
pub fn detach_vae(message: &JsValue) -> Vec<PickedFile> {
    detach_from(VAE_FILES, message)
}

fn detach_from(property: &str, message: &JsValue) -> Vec<PickedFile> {
    let Some(object) = message.dyn_ref::<js_sys::Object>() else { return Vec::new() };
    let pairs = Reflect::get(object, &property.into()).unwrap_or_default();
    let _ = Reflect::delete_property(object, &property.into());
    let file = |pair: JsValue| {
        let pair: Array = pair.dyn_into().ok()?;
        Some((pair.get(0).as_string()?, pair.get(1).dyn_into().ok()?))
    };
    pairs.dyn_into::<Array>().map_or(Vec::new(), |pairs| pairs.iter().filter_map(file).collect())
}

/// Attaches a picture to a message.
pub fn attach_picture(message: &JsValue, picture: &JsValue) {
    // Setting a property of a plain object cannot fail.
    let _ = Reflect::set(message, &PICTURE.into(), picture);
}

/// Removes and returns the picture attached to a message; undefined if there is none.
pub fn detach_picture(message: &JsValue) -> JsValue {
    let Some(object) = message.dyn_ref::<js_sys::Object>() else { return JsValue::UNDEFINED };
    let picture = Reflect::get(object, &PICTURE.into()).unwrap_or_default();
    let _ = Reflect::delete_property(object, &PICTURE.into());
    picture
}

fn unexpected(error: serde_wasm_bindgen::Error) -> Error {
    let reason = format!("page and engine do not understand each other ({error})");
    Error::Internal { reason: Message::verbatim(reason) }
}
