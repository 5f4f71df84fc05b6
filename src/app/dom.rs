//! Short words for what every part of the page does with the document.

use gloo::events::{EventListener, EventListenerOptions};
use js_sys::{Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, Element, Event, EventTarget, Window};

use crate::error::{Error, Message, Result};
use crate::params::Field;

/// The browser's window.
pub fn window() -> Result<Window> {
    web_sys::window().ok_or_else(|| internal("there is no window"))
}

/// The page.
pub fn document() -> Result<Document> {
    window()?.document().ok_or_else(|| internal("there is no document"))
}

/// The element with this id. index.html and the program come together, so a missing one is a mistake
/// in one of them.
pub fn by_id<T: JsCast>(id: &str) -> Result<T> {
    document()?
        .get_element_by_id(id)
        .and_then(|element| element.dyn_into().ok())
        .ok_or_else(|| internal(&format!("the page has no fitting element #{id}")))
}

/// Listens for as long as the page lives.
pub fn on(target: &EventTarget, name: &'static str, heard: impl FnMut(&Event) + 'static) {
    EventListener::new_with_options(
        target,
        name,
        EventListenerOptions::enable_prevent_default(),
        heard,
    )
    .forget();
}

/// The element matching `selector` that an event met, be it itself or one around it.
pub fn met(event: &Event, selector: &str) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest(selector).ok()?
}

/// Sets an attribute; the names are constants, so the browser has no reason to refuse.
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

/// Bounds a number's input as its row of the table says.
pub fn bound(input: &Element, field: &Field) {
    let [min, max, step] = field.offered();
    for (name, value) in [("min", min), ("max", max), ("step", step)] {
        set(input, name, &value.to_string());
    }
}

/// Scrolls as little as needed for an element to be in sight.
pub fn bring_into_sight(element: &Element) {
    let options = Object::new();
    let _ = Reflect::set(&options, &"block".into(), &"nearest".into());
    let scroll = Reflect::get(element, &"scrollIntoView".into());
    if let Some(scroll) = scroll.ok().and_then(|scroll| scroll.dyn_into::<Function>().ok()) {
        let _ = scroll.call1(element, &options);
    }
}

/// What was wrong with the field `id` is not any more: its complaint beside it goes.
pub fn forgive(id: &str) {
    let Ok(document) = document() else { return };
    if let Some(field) = document.get_element_by_id(id) {
        unset(&field, "aria-invalid");
    }
    if let Some(problem) = document.get_element_by_id(&format!("{id}-problem")) {
        show(&problem, false);
    }
}

/// Puts a copy of a `<template>` first into `place` and returns it.
pub fn stamp(template: &Element, place: &Element) -> Option<Element> {
    place.insert_adjacent_html("afterbegin", template.inner_html().trim()).ok()?;
    place.first_element_child()
}

/// Puts a copy of a `<template>` last into `place` and returns it.
pub fn stamp_last(template: &Element, place: &Element) -> Option<Element> {
    place.insert_adjacent_html("beforeend", template.inner_html().trim()).ok()?;
    place.last_element_child()
}

/// A new element with this text.
pub fn make(name: &str, text: &str) -> Result<Element> {
    let element = document()?
        .create_element(name)
        .map_err(|error| thrown("a part of the page cannot be made", &error))?;
    element.set_text_content(Some(text));
    Ok(element)
}

/// Fills a `<dl>` with terms and values.
pub fn fill<T: AsRef<str>>(list: &Element, rows: &[(T, String)]) -> Result<()> {
    list.set_text_content(None);
    for (term, value) in rows {
        let line = make("div", "")?;
        // A new element takes any other in.
        let (term, value) = (make("dt", term.as_ref())?, make("dd", value)?);
        let _ = line.append_child(&term);
        let _ = line.append_child(&value);
        let _ = list.append_child(&line);
    }
    Ok(())
}

/// Milliseconds on a clock that never goes back.
pub fn now() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now())
}

/// What the browser threw, as an error.
pub fn thrown(what: &str, value: &JsValue) -> Error {
    let said = value.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    internal(&format!("{what}: {}", said.unwrap_or_else(|| format!("{value:?}"))))
}

fn internal(reason: &str) -> Error {
    Error::Internal { reason: Message::verbatim(reason) }
}

/// Asks the browser not to clear away what is kept when space runs short. Only a window may ask, so
/// the engine's worker cannot.
pub fn ask_to_keep() {
    if let Ok(window) = window() {
        // Whatever the answer is: there is nothing to do about it.
        let _ = window.navigator().storage().persist();
    }
}
