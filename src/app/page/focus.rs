//! Keeps the focus when the pressed button disappears.
//!
//! A browser then moves it to the body, where keyboard and screen reader begin again at the top.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::events::{EventListener, EventListenerOptions};
use gloo::timers::callback::Timeout;
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, HtmlElement, KeyboardEvent};

use crate::app::dom::{closest, document, on};
use crate::error::Result;

/// Milliseconds after a press at which the focus is looked for: some buttons disappear after the
/// browser's database has answered.
const CHECKS: [u32; 3] = [0, 150, 600];

/// Places for the focus, best first; the first visible one takes it.
const PLACES: [&str; 5] =
    ["#undo-remove", "#remove-all-no", "dialog[open] #close-panel", "#cancel", "#generate"];

/// Adds the listeners.
pub fn listen() -> Result<()> {
    let page = document()?;
    let pressed: Rc<RefCell<Option<Element>>> = Rc::default();
    // Before the button's own listeners, which may remove it.
    let button = Rc::clone(&pressed);
    let options = EventListenerOptions::run_in_capture_phase();
    EventListener::new_with_options(&page, "click", options, move |event| {
        let active = document().ok().and_then(|page| page.active_element());
        button.replace(closest(event, "button").filter(|button| active.as_ref() == Some(button)));
    })
    .forget();
    on(&page, "click", move |_| {
        if pressed.take().is_some() {
            restore_soon();
        }
    });
    // Thumbnails disappear at this key.
    on(&page, "keydown", |event| {
        let key = event.dyn_ref::<KeyboardEvent>().map(KeyboardEvent::key);
        if key.as_deref() == Some("Delete") && closest(event, "button").is_some() {
            restore_soon();
        }
    });
    Ok(())
}

fn restore_soon() {
    for delay in CHECKS {
        Timeout::new(delay, restore).forget();
    }
}

fn restore() {
    let Ok(page) = document() else { return };
    if is_lost(&page) {
        let element = PLACES.iter().filter_map(|place| page.query_selector(place).ok().flatten());
        let mut visible = element.filter_map(|element| element.dyn_into::<HtmlElement>().ok());
        if let Some(place) = visible.find(|place| place.offset_width() > 0) {
            let _ = place.focus();
        }
    }
}

/// Returns whether the body has the focus, or an element that is not visible.
fn is_lost(page: &Document) -> bool {
    page.active_element()
        .and_then(|active| active.dyn_into::<HtmlElement>().ok())
        .is_none_or(|active| active.tag_name() == "BODY" || active.offset_width() == 0)
}
