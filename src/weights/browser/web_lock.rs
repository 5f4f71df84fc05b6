//! Lock by the Web Locks API, which all tabs of the page's origin share.

use std::pin::pin;

use futures::channel::oneshot;
use futures::future::{Either, select};
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;

use super::reflect::{method, property};

/// A lock, held until it is dropped or the tab is closed.
pub struct WebLock {
    /// `None` in a browser without Web Locks, or where they are refused: every tab gets the lock.
    release: Option<Function>,
}

impl WebLock {
    /// Waits for the lock. Dropped before, the request is withdrawn.
    pub async fn acquire(name: &str) -> Self {
        request(name).await.unwrap_or(WebLock { release: None })
    }

    /// Whether other tabs cannot get the lock; false where the browser has no locks.
    pub fn is_held(&self) -> bool {
        self.release.is_some()
    }
}

impl Drop for WebLock {
    fn drop(&mut self) {
        if let Some(release) = &self.release {
            let _ = release.call0(&JsValue::UNDEFINED); // It fulfils a promise: that cannot fail.
        }
    }
}

async fn request(name: &str) -> Option<WebLock> {
    let locks = property(&property(&js_sys::global(), "navigator")?, "locks")?;
    let request = method(&locks, "request")?;

    // The lock is held until the promise that the callback returns is fulfilled.
    let mut release = None;
    let held = Promise::new(&mut |fulfil, _| release = Some(fulfil));
    let (granted, grant) = oneshot::channel();
    let callback = Closure::once_into_js(move || {
        // The receiver is gone if the request was withdrawn at this very moment: see `LockRequest`.
        let _ = granted.send(());
        held
    });
    let pending = LockRequest { controller: AbortController::new().ok()?, release };
    let options = Object::new();
    Reflect::set(&options, &"signal".into(), &pending.controller.signal()).ok()?;
    let ended = request.call3(&locks, &name.into(), &options, &callback).ok()?;
    let ended = JsFuture::from(ended.dyn_into::<Promise>().ok()?);

    match select(pin!(grant), pin!(ended)).await {
        Either::Left((Ok(()), _)) => Some(pending.into_lock()),
        _ => None,
    }
}

/// A request for the lock; dropped, it is withdrawn.
struct LockRequest {
    controller: AbortController,
    release: Option<Function>,
}

impl LockRequest {
    fn into_lock(mut self) -> WebLock {
        WebLock { release: self.release.take() }
    }
}

impl Drop for LockRequest {
    fn drop(&mut self) {
        if let Some(release) = self.release.take() {
            self.controller.abort();
            drop(WebLock { release: Some(release) });
        }
    }
}
