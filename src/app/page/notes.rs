//! The messages under the button: what happened and what to do, until the user dismisses them.

use std::cell::RefCell;

use web_sys::HtmlElement;

use crate::app::dom::{bring_into_sight, by_id, met, on, set, show, stamp};
use crate::app::words::{self, Line, Voice};
use crate::error::Result;

/// The place for messages.
pub struct Notes {
    place: HtmlElement,
    template: HtmlElement,
    /// What they say.
    said: RefCell<Vec<Voice>>,
}

/// How much a message matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Worth knowing.
    Note,
    /// Something did not work.
    Wrong,
}

/// What a message offers to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// Use the CPU.
    Cpu,
    /// Make the picture that was interrupted.
    GoOn,
    /// Make it with so many pixels, width and height.
    Smaller(u32, u32),
    /// Start from the picture in the file that was dropped.
    StartFromIt,
    /// Put back what stood in the form before.
    PutBack,
}

impl Offer {
    /// The CPU, where it would help.
    pub fn cpu(helps: bool) -> &'static [Self] {
        if helps { &[Offer::Cpu] } else { &[] }
    }

    /// The name of its button in the page.
    fn action(self) -> &'static str {
        match self {
            Offer::Cpu => "use-cpu",
            Offer::GoOn => "go-on",
            Offer::Smaller(..) => "smaller",
            Offer::StartFromIt => "start-from-it",
            Offer::PutBack => "put-back",
        }
    }
}

impl Notes {
    /// Finds the place in the page; from then on each message can be dismissed.
    pub fn bind() -> Result<Self> {
        let notes = Notes {
            place: by_id("notes")?,
            template: by_id("note-template")?,
            said: RefCell::default(),
        };
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
    pub fn say(&self, message: impl Into<Line>, weight: Weight) {
        self.say_and_offer(message, weight, &[]);
    }

    /// The same, with buttons that do what they offer.
    pub fn say_and_offer(&self, message: impl Into<Line>, weight: Weight, offers: &[Offer]) {
        let message = message.into();
        self.take_back(&message.text());
        let Some(note) = stamp(&self.template, &self.place) else { return };
        let wrong = weight == Weight::Wrong;
        note.set_class_name(if wrong { "note wrong" } else { "note" });
        set(&note, "role", if wrong { "alert" } else { "status" });
        let mut said = self.said.borrow_mut();
        said.retain(|voice| voice.element().is_connected());
        if let Ok(Some(text)) = note.query_selector("p") {
            let voice = Voice::new(text);
            voice.say(message);
            said.push(voice);
        }
        for offer in offers {
            let action = format!("[data-action={}]", offer.action());
            let Ok(Some(button)) = note.query_selector(&action) else { continue };
            show(&button, true);
            if let Offer::Smaller(width, height) = *offer {
                let name = Voice::new(button);
                name.say(Line::from(move || words::use_size(width, height)));
                said.push(name);
            }
        }
    }

    /// Shows a message about another model, with a button that shows the model at `place`.
    pub fn say_of_model(&self, message: impl Into<Line>, place: Option<&str>) {
        self.say(message, Weight::Note);
        let Some(place) = place else { return };
        if let Ok(Some(button)) = self.place.query_selector(".note [data-action=look-at-model]") {
            set(&button, "data-place", place);
            show(&button, true);
        }
    }

    /// Scrolls to the newest message.
    pub fn bring_into_sight(&self) {
        if let Some(newest) = self.place.first_element_child() {
            bring_into_sight(&newest);
        }
    }

    /// A new attempt begins: old messages are out of date.
    pub fn clear(&self) {
        self.place.set_text_content(None);
        self.said.borrow_mut().clear();
    }

    /// The page speaks another language now.
    pub fn speak(&self) {
        for voice in &*self.said.borrow() {
            voice.again();
        }
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
