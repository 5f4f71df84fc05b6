//! The messages under the button: what happened and what to do, until the user dismisses them.

use web_sys::HtmlElement;

use super::dom::{by_id, met, on, set, show, stamp};
use crate::error::Result;

/// The place for messages.
pub struct Notes {
    place: HtmlElement,
    template: HtmlElement,
}

/// How much a message matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Worth knowing.
    Note,
    /// Something did not work.
    Wrong,
}

impl Notes {
    /// Finds the place in the page; from then on each message can be dismissed.
    pub fn bind() -> Result<Self> {
        let notes = Notes { place: by_id("notes")?, template: by_id("note-template")? };
        on(&notes.place, "click", |event| {
            if let Some(note) =
                met(event, "[data-action=dismiss]").and_then(|_| met(event, ".note"))
            {
                note.remove();
            }
        });
        Ok(notes)
    }

    /// Shows a message, once: the same one a second time only comes first again.
    pub fn say(&self, message: &str, weight: Weight, offer_cpu: bool) {
        self.take_back(message);
        let Some(note) = stamp(&self.template, &self.place) else { return };
        let wrong = weight == Weight::Wrong;
        note.set_class_name(if wrong { "note wrong" } else { "note" });
        set(&note, "role", if wrong { "alert" } else { "status" });
        if let Ok(Some(text)) = note.query_selector("p") {
            text.set_text_content(Some(message));
        }
        if let Ok(Some(button)) = note.query_selector("[data-action=use-cpu]") {
            show(&button, offer_cpu);
        }
    }

    /// Shows a message about another model, with a button that shows the model at `place`.
    pub fn say_of_model(&self, message: &str, place: Option<&str>) {
        self.say(message, Weight::Note, false);
        let Some(place) = place else { return };
        if let Ok(Some(button)) = self.place.query_selector(".note [data-action=look-at-model]") {
            set(&button, "data-place", place);
            show(&button, true);
        }
    }

    /// A new attempt begins: old messages are out of date.
    pub fn clear(&self) {
        self.place.set_text_content(None);
    }

    /// Where buttons inside messages are heard.
    pub fn place(&self) -> &HtmlElement {
        &self.place
    }

    fn take_back(&self, message: &str) {
        let mut next = self.place.first_element_child();
        while let Some(note) = next {
            next = note.next_element_sibling();
            let text = note.query_selector("p").ok().flatten().and_then(|text| text.text_content());
            if text.as_deref() == Some(message) {
                note.remove();
            }
        }
    }
}
