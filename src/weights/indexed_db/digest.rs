//! SHA-256 of bytes that stay in JavaScript's memory.

use js_sys::{Promise, Uint8Array};
use sha2::{Digest, Sha256};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

use super::by_name::{method, property};

/// So many bytes at once pass through the memory of this program.
const PIECE: u32 = 1 << 20;

/// SHA-256 in hex.
pub async fn sha256(bytes: &Uint8Array) -> String {
    if let Some(digest) = by_browser(bytes).await {
        return hex::encode(digest.to_vec());
    }
    let mut running = Running::default();
    running.update(bytes);
    running.finish()
}

/// The browser's own is several times as fast and in a thread of its own. Pages from plain HTTP have
/// none.
async fn by_browser(bytes: &Uint8Array) -> Option<Uint8Array> {
    let subtle = property(&property(&js_sys::global(), "crypto")?, "subtle")?;
    let digest = method(&subtle, "digest")?.call2(&subtle, &"SHA-256".into(), bytes).ok()?;
    let digest: Promise = digest.dyn_into().ok()?;
    JsFuture::from(digest).await.ok().map(|digest| Uint8Array::new(&digest))
}

/// SHA-256 of what comes in parts, which the browser cannot do.
#[derive(Default)]
pub struct Running {
    state: Sha256,
    piece: Vec<u8>,
}

impl Running {
    pub fn update(&mut self, bytes: &Uint8Array) {
        let mut from = 0;
        while from < bytes.length() {
            let to = bytes.length().min(from + PIECE);
            let part = bytes.subarray(from, to);
            self.piece.resize((to - from) as usize, 0);
            part.copy_to(&mut self.piece);
            self.state.update(&self.piece);
            from = to;
        }
    }

    /// In hex.
    pub fn finish(self) -> String {
        hex::encode(self.state.finalize())
    }
}
