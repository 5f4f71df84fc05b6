//! A part of a weight file as the store has it.

use js_sys::{Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use super::by_name::property;
use super::digest::sha256;
use crate::weights::http::Origin;

/// Bytes of every chunk but a file's last: few requests and few transactions, and little is lost
/// with a connection.
pub const CHUNK: u64 = 16 << 20;

/// What they were in the first version of the store, which did not write it down.
pub const FIRST_CHUNK: u64 = 4 << 20;

/// One chunk. Its bytes are JavaScript's: they never pass through this program's memory as a whole.
pub struct Chunk {
    /// SHA-256, in hex.
    pub sum: String,
    /// Which file it is from; what goes on with this chunk must be from the same.
    pub origin: Origin,
    /// Bytes of every chunk of the file but the last.
    pub size: u64,
    pub bytes: Uint8Array,
}

impl Chunk {
    pub async fn new(bytes: Uint8Array, size: u64, origin: &Origin) -> Self {
        Chunk { sum: sha256(&bytes).await, origin: origin.clone(), size, bytes }
    }

    pub fn len(&self) -> u64 {
        u64::from(self.bytes.length())
    }

    pub async fn is_sound(&self) -> bool {
        sha256(&self.bytes).await == self.sum
    }

    /// As the store takes it. Made by hand: a serializer would copy the bytes.
    pub fn to_js(&self) -> Option<JsValue> {
        let origin = serde_wasm_bindgen::to_value(&self.origin).ok()?;
        let value = Object::new();
        for (name, part) in [
            ("sum", JsValue::from_str(&self.sum)),
            ("origin", origin),
            ("size", JsValue::from_f64(self.size as f64)),
            ("bytes", self.bytes.clone().into()),
        ] {
            Reflect::set(&value, &JsValue::from_str(name), &part).ok()?;
        }
        Some(value.into())
    }

    /// `None` if it is no chunk.
    pub fn from_js(value: &JsValue) -> Option<Self> {
        let size = property(value, "size").and_then(|size| size.as_f64());
        Some(Chunk {
            sum: property(value, "sum")?.as_string()?,
            origin: serde_wasm_bindgen::from_value(property(value, "origin")?).ok()?,
            size: size.map_or(FIRST_CHUNK, |size| size as u64),
            bytes: property(value, "bytes")?.dyn_into().ok()?,
        })
    }
}

/// How many chunks a file has.
pub fn count(len: u64, size: u64) -> u64 {
    len.div_ceil(size)
}

/// Bytes of one chunk of a file.
pub fn len_of(index: u64, len: u64, size: u64) -> u64 {
    len.saturating_sub(index * size).min(size)
}
