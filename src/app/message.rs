//! The one way in which [`super::protocol`]'s words become JavaScript values and come back, and how
//! files travel beside them.

use js_sys::{Array, Reflect};
use serde::{Serialize, de::DeserializeOwned};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::File;

use crate::error::{Error, Message, Result};

/// A file on the user's disk, with its path from the folder on that was picked.
pub type PickedFile = (String, File);

/// Where the files are, in the message's own object: a `File` is the browser's and can be posted but
/// not serialised.
const FILES: &str = "files";

/// Where a picture is, in the message's own object: a `Blob`, an `ImageData` or an `ImageBitmap`.
const PICTURE: &str = "picture";

/// A value that `postMessage` can clone: numbers stay numbers, bytes become a `Uint8Array`.
pub fn to_js<T: Serialize>(message: &T) -> Result<JsValue> {
    message.serialize(&Serializer::new()).map_err(unexpected)
}

/// The opposite of [`to_js`].
pub fn from_js<T: DeserializeOwned>(value: JsValue) -> Result<T> {
    serde_wasm_bindgen::from_value(value).map_err(unexpected)
}

/// Puts files beside a message.
pub fn attach(message: &JsValue, files: &[PickedFile]) {
    if files.is_empty() {
        return;
    }
    let pairs: Array =
        files.iter().map(|(path, file)| Array::of2(&JsValue::from_str(path), file)).collect();
    // A message is an object, which takes any property.
    let _ = Reflect::set(message, &FILES.into(), &pairs);
}

/// Takes the files away from a message.
pub fn detach(message: &JsValue) -> Vec<PickedFile> {
    let Some(object) = message.dyn_ref::<js_sys::Object>() else { return Vec::new() };
    let pairs = Reflect::get(object, &FILES.into()).unwrap_or_default();
    let _ = Reflect::delete_property(object, &FILES.into());
    let file = |pair: JsValue| {
        let pair: Array = pair.dyn_into().ok()?;
        Some((pair.get(0).as_string()?, pair.get(1).dyn_into().ok()?))
    };
    pairs.dyn_into::<Array>().map_or(Vec::new(), |pairs| pairs.iter().filter_map(file).collect())
}

/// Puts a picture beside a message: anything of the browser's that can be posted.
pub fn attach_picture(message: &JsValue, picture: &JsValue) {
    // A message is an object, which takes any property.
    let _ = Reflect::set(message, &PICTURE.into(), picture);
}

/// Takes the picture away from a message; undefined if there is none.
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
