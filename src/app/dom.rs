//! DOM helpers.

use gloo::events::{EventListener, EventListenerOptions};
use js_sys::{Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, Element, Event, EventTarget, KeyboardEvent, Storage, Window};

use crate::error::{Error, Message, Result};
use crate::params::Field;

/// Returns the browser's window.
pub fn window() -> Result<Window> {
    web_sys::window().ok_or_else(|| internal("there is no window"))
}

/// Returns the document.
pub fn document() -> Result<Document> {
    window()?.document().ok_or_else(|| internal("there is no document"))
}

/// Returns the storage that lasts from visit to visit; `None` if it is blocked.
pub fn local_storage() -> Option<Storage> {
    window().ok()?.local_storage().ok()?
}

/// Keeps a text for the next visit; an empty one is removed. Returns false if the browser does not
/// keep it: the next visit then has what was kept before.
pub fn keep_text(key: &str, text: &str) -> bool {
    local_storage().is_some_and(|storage| match text.is_empty() {
        true => storage.remove_item(key).is_ok(),
        false => storage.set_item(key, text).is_ok(),
    })
}

/// Returns whether an event is the Enter key, alone and not within a composition.
pub fn is_plain_enter(event: &Event) -> bool {
    event.dyn_ref::<KeyboardEvent>().is_some_and(|key| {
        key.key() == "Enter" && !key.ctrl_key() && !key.meta_key() && !key.is_composing()
    })
}

/// Returns the element with this id. index.html is built together with the program, so a missing
/// element is a bug in one of them.
pub fn by_id<T: JsCast>(id: &str) -> Result<T> {
    document()?
        .get_element_by_id(id)
        .and_then(|element| element.dyn_into().ok())
        .ok_or_else(|| internal(&format!("the page has no fitting element #{id}")))
}

/// Adds an event listener for the lifetime of the page.
pub fn on(target: &EventTarget, name: &'static str, handler: impl FnMut(&Event) + 'static) {
    EventListener::new_with_options(
        target,
        name,
        EventListenerOptions::enable_prevent_default(),
        handler,
    )
    .forget();
}

/// Returns the event's target, or its nearest ancestor, that matches `selector`.
pub fn closest(event: &Event, selector: &str) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest(selector).ok()?
}

/// Sets an attribute. Errors are ignored: the names are constants, and valid.
pub fn set(element: &Element, name: &str, value: &str) {
    let _ = element.set_attribute(name, value);
}

/// Removes an attribute.
pub fn unset(element: &Element, name: &str) {
    let _ = element.remove_attribute(name);
}

/// Shows or hides an element.
pub fn show(element: &Element, shown: bool) {
    if shown { unset(element, "hidden") } else { set(element, "hidden", "") }
}

/// Sets `min`, `max` and `step` of a number input.
pub fn set_bounds(input: &Element, field: &Field) {
    let [min, max, step] = field.offered();
    for (name, value) in [("min", min), ("max", max), ("step", step)] {
        set(input, name, &value.to_string());
    }
}

/// Scrolls as little as possible to make an element visible.
pub fn scroll_into_view(element: &Element) {
    let options = Object::new();
    let _ = Reflect::set(&options, &"block".into(), &"nearest".into());
    let scroll = Reflect::get(element, &"scrollIntoView".into());
    if let Some(scroll) = scroll.ok().and_then(|scroll| scroll.dyn_into::<Function>().ok()) {
        let _ = scroll.call1(element, &options);
    }
}

/// Clears the validation error of the field `id`.
pub fn clear_field_error(id: &str) {
    let Ok(document) = document() else { return };
    if let Some(field) = document.get_element_by_id(id) {
        unset(&field, "aria-invalid");
    }
    clear_problem(&format!("{id}-problem"));
}

/// Hides the error in element `id`.
pub fn clear_problem(id: &str) {
    if let Ok(problem) = by_id::<Element>(id) {
        show(&problem, false);
    }
}

/// Clears the errors of all fields in `place`, whose content was replaced.
pub fn clear_errors_in(place: &Element) {
    for (selector, act) in [
        (".problem", (|problem| show(problem, false)) as fn(&Element)),
        ("[aria-invalid]", |field| unset(field, "aria-invalid")),
    ] {
        let Ok(found) = place.query_selector_all(selector) else { continue };
        for index in 0..found.length() {
            if let Some(element) = found.item(index).and_then(|node| node.dyn_into().ok()) {
                act(&element);
            }
        }
    }
}

/// Inserts a copy of a `<template>` at the start of `place`, and returns it.
pub fn prepend_template(template: &Element, place: &Element) -> Option<Element> {
    place.insert_adjacent_html("afterbegin", template.inner_html().trim()).ok()?;
    place.first_element_child()
}

/// Inserts a copy of a `<template>` at the end of `place`, and returns it.
pub fn append_template(template: &Element, place: &Element) -> Option<Element> {
    place.insert_adjacent_html("beforeend", template.inner_html().trim()).ok()?;
    place.last_element_child()
}

/// Creates an element with this text.
pub fn create_element(name: &str, text: &str) -> Result<Element> {
    let element = document()?
        .create_element(name)
        .map_err(|error| thrown("a part of the page cannot be made", &error))?;
    element.set_text_content(Some(text));
    Ok(element)
}

/// Replaces the content of a `<dl>` by these terms and values.
pub fn write_definitions<T: AsRef<str>>(list: &Element, rows: &[(T, String)]) -> Result<()> {
    list.set_text_content(None);
    for (term, value) in rows {
        let line = create_element("div", "")?;
        // Appending to a new element cannot fail.
        let (term, value) = (create_element("dt", term.as_ref())?, create_element("dd", value)?);
        let _ = line.append_child(&term);
        let _ = line.append_child(&value);
        let _ = list.append_child(&line);
    }
    Ok(())
}

/// Returns milliseconds of a monotonic clock (`performance.now()`).
pub fn now() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now())
}

/// Converts an exception of the browser into an error.
pub fn thrown(what: &str, value: &JsValue) -> Error {
    let message = value.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    internal(&format!("{what}: {}", message.unwrap_or_else(|| format!("{value:?}"))))
}

fn internal(reason: &str) -> Error {
    Error::Internal { reason: Message::verbatim(reason) }
}

/// Requests persistent storage (`navigator.storage.persist`). Workers cannot call it.
pub fn request_persistent_storage() {
    if let Ok(window) = window() {
        // Without it, models are kept until the browser runs out of space.
        let _ = window.navigator().storage().persist();
    }
}
