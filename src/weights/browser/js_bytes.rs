//! Bytes in JavaScript's memory.

use std::ops::Range;

use js_sys::{Promise, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

use super::reflect::{method, property};
use crate::weights::bytes::{Bytes, sha256};

// Lengths of these arrays fit into 32 bits, as all of WebAssembly's do.
impl Bytes for Uint8Array {
    fn zeroed(len: usize) -> Self {
        Uint8Array::new_with_length(len as u32)
    }

    fn len(&self) -> usize {
        self.length() as usize
    }

    fn slice(&self, range: Range<usize>) -> Self {
        self.subarray(range.start as u32, range.end as u32)
    }

    fn write(&mut self, offset: usize, bytes: &Self) {
        self.set(bytes, offset as u32);
    }

    fn copy_to(&self, target: &mut [u8]) {
        Uint8Array::copy_to(self, target);
    }

    async fn sha256(&self) -> String {
        match crypto_sha256(self).await {
            Some(digest) => hex::encode(Bytes::to_vec(&digest)),
            None => sha256(self),
        }
    }
}

/// Computes the digest with the browser's Web Crypto, several times as fast and in another thread.
/// `None` on pages from plain HTTP, which lack it.
async fn crypto_sha256(bytes: &Uint8Array) -> Option<Uint8Array> {
    let subtle = property(&property(&js_sys::global(), "crypto")?, "subtle")?;
    let digest = method(&subtle, "digest")?.call2(&subtle, &"SHA-256".into(), bytes).ok()?;
    let digest: Promise = digest.dyn_into().ok()?;
    JsFuture::from(digest).await.ok().map(|digest| Uint8Array::new(&digest))
}
