//! Offline use and updates of the page.
//!
//! A service worker (`www/service-worker.js`) caches the page's files; the page offers a new
//! release and installs it only when the user agrees.

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
/// Message that makes the waiting service worker take over.
const TAKE_OVER: &str = "take-over";
/// Message that makes it keep its other files too.
const KEEP_MORE: &str = "keep-more";

/// Registers the service worker. If that fails, the browser fetches the page at every visit.
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
            return; // Some browsers refuse it, for instance in private windows.
        };
        activate_on_click(&button, &registration);
        watch(bar, registration);
    });
    Ok(())
}

/// Makes the service worker keep what a first visit does not need before its first picture.
pub fn keep_more() {
    let Some(ready) = container().and_then(|container| container.ready().ok()) else { return };
    spawn_local(async move {
        let registration = JsFuture::from(ready).await;
        if let Ok(Ok(registration)) =
            registration.map(JsCast::dyn_into::<ServiceWorkerRegistration>)
            && let Some(worker) = registration.active()
        {
            // A string can always be posted.
            let _ = worker.post_message(&JsValue::from_str(KEEP_MORE));
        }
    });
}

/// Returns whether the page's files come from the service worker's cache, and not over the network.
pub fn is_cached() -> bool {
    container().is_some_and(|container| container.controller().is_some())
}

/// Returns `None` if the browser has no service workers or the page is not a secure context.
fn container() -> Option<ServiceWorkerContainer> {
    let navigator = window().ok()?.navigator();
    let container = Reflect::get(&navigator, &"serviceWorker".into()).ok()?;
    container.dyn_into().ok()
}

/// Shows the update bar if a new release is waiting, or as soon as one is installed.
fn watch(bar: HtmlElement, registration: ServiceWorkerRegistration) {
    show(&bar, registration.waiting().is_some());
    let found = registration.clone();
    let show_update = move || {
        // At the first visit there is no release to replace.
        let replaces = found.active().is_some();
        let Some(worker) = found.installing().filter(|_| replaces) else { return };
        let bar = bar.clone();
        when(&worker, ServiceWorkerState::Installed, move || show(&bar, true));
    };
    show_update(); // The browser may have found it before this program started.
    on(&registration, "updatefound", move |_| show_update());
}

/// Activates the new release on click, and reloads this tab.
fn activate_on_click(button: &HtmlElement, registration: &ServiceWorkerRegistration) {
    let registration = registration.clone();
    on(button, "click", move |_| match registration.waiting() {
        Some(worker) => {
            when(&worker, ServiceWorkerState::Activated, reload);
            // A string can always be posted.
            let _ = worker.post_message(&JsValue::from_str(TAKE_OVER));
        }
        None => reload(), // Another tab has activated it.
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
