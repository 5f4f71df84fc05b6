//! A lock that all tabs of this page know: who holds it downloads, the others wait.

use futures::channel::oneshot;
use futures::future::{Either, select};
use js_sys::{Function, Object, Promise, Reflect};
use std::pin::pin;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;

use super::by_name::{method, property};

/// Held until it is dropped, or the tab is closed.
pub struct Lock {
    release: Option<Function>,
}

impl Lock {
    /// Waits for the lock. Dropped before, the wait is over. In a browser without Web Locks, or where
    /// they are refused, every tab is as if alone.
    pub async fn acquire(name: &str) -> Self {
        request(name).await.unwrap_or(Lock { release: None })
    }

    /// False where the browser has no locks.
    pub fn is_held(&self) -> bool {
        self.release.is_some()
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(release) = &self.release {
            let _ = release.call0(&JsValue::UNDEFINED); // It fulfils a promise: that cannot fail.
        }
    }
}

async fn request(name: &str) -> Option<Lock> {
    let locks = property(&property(&js_sys::global(), "navigator")?, "locks")?;
    let request = method(&locks, "request")?;

    // The lock is held as long as the promise that its callback returns is open.
    let mut release = None;
    let held = Promise::new(&mut |done, _| release = Some(done));
    let (granted, grant) = oneshot::channel();
    let callback = Closure::once_into_js(move || {
        // Nobody listens any more if the wait was given up at this very moment: see `Waiting`.
        let _ = granted.send(());
        held
    });
    let waiting = Waiting { controller: AbortController::new().ok()?, release };
    let options = Object::new();
    Reflect::set(&options, &"signal".into(), &waiting.controller.signal()).ok()?;
    let asked = request.call3(&locks, &name.into(), &options, &callback).ok()?;
    let over = JsFuture::from(asked.dyn_into::<Promise>().ok()?);

    match select(pin!(grant), pin!(over)).await {
        Either::Left((Ok(()), _)) => Some(waiting.into_lock()),
        _ => None,
    }
}

/// A request for the lock; dropped, it is withdrawn.
struct Waiting {
    controller: AbortController,
    release: Option<Function>,
}

impl Waiting {
    fn into_lock(mut self) -> Lock {
        Lock { release: self.release.take() }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(release) = self.release.take() {
            self.controller.abort();
            drop(Lock { release: Some(release) });
        }
    }
}
