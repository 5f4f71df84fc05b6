//! The page without a network: a service worker keeps the page's own files, and a new release of them
//! is offered, never forced (`www/service-worker.js`).

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    HtmlElement, ServiceWorker, ServiceWorkerContainer, ServiceWorkerRegistration,
    ServiceWorkerState,
};

use crate::app::dom::{by_id, on, show, window};
use crate::error::Result;

const PROGRAM: &str = "service-worker.js";
/// What the waiting service worker is told when the user agrees.
const TAKE_OVER: &str = "take-over";

/// Has the page kept for the next visit. Where that cannot be, it is fetched every time, as any page.
///
/// # Errors
/// If the page lacks the bar that offers a new release.
pub fn prepare() -> Result<()> {
    let bar: HtmlElement = by_id("update")?;
    let button: HtmlElement = by_id("update-now")?;
    let Some(container) = container() else { return Ok(()) };
    spawn_local(async move {
        let registering = JsFuture::from(container.register(PROGRAM)).await;
        let Ok(Ok(registration)) = registering.map(JsCast::dyn_into::<ServiceWorkerRegistration>)
        else {
            return; // Refused, in a private window for one.
        };
        agree(&button, &registration);
        watch(bar, registration);
    });
    Ok(())
}

/// Absent where the browser has none or the page is not served securely.
fn container() -> Option<ServiceWorkerContainer> {
    let navigator = window().ok()?.navigator();
    let container = Reflect::get(&navigator, &"serviceWorker".into()).ok()?;
    container.dyn_into().ok()
}

/// Offers what waits now, and whatever is installed later.
fn watch(bar: HtmlElement, registration: ServiceWorkerRegistration) {
    show(&bar, registration.waiting().is_some());
    let found = registration.clone();
    let offer = move || {
        // At the first visit there is nothing that could be replaced.
        let replaces = found.active().is_some();
        let Some(worker) = found.installing().filter(|_| replaces) else { return };
        let bar = bar.clone();
        when(&worker, ServiceWorkerState::Installed, move || show(&bar, true));
    };
    offer(); // The browser may have found it before this program ran.
    on(&registration, "updatefound", move |_| offer());
}

/// The user agrees: the new release takes over, and this tab opens it.
fn agree(button: &HtmlElement, registration: &ServiceWorkerRegistration) {
    let registration = registration.clone();
    on(button, "click", move |_| match registration.waiting() {
        Some(worker) => {
            when(&worker, ServiceWorkerState::Activated, reload);
            // A string can always be posted.
            let _ = worker.post_message(&JsValue::from_str(TAKE_OVER));
        }
        None => reload(), // Another tab was quicker.
    });
}

fn when(worker: &ServiceWorker, state: ServiceWorkerState, act: impl Fn() + 'static) {
    let changed = worker.clone();
    on(worker, "statechange", move |_| {
        if changed.state() == state {
            act();
        }
    });
}

fn reload() {
    if let Ok(window) = window() {
        let _ = window.location().reload();
    }
}
